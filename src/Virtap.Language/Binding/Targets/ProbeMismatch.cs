using Virtap.Names;

namespace Virtap.Language.Binding.Targets;

/// <summary>How far the components of a probe point are ones that there are, and what could follow there.</summary>
/// <param name="Reached">How many of its components there are.</param>
/// <param name="CanEnd">Whether a probe point may end there.</param>
/// <param name="Follow">What may follow, as SystemTap lists it: <c>s(number)</c>.</param>
public sealed record ProbeMismatch(int Reached, bool CanEnd, IReadOnlyList<string> Follow)
{
    /// <summary>How many names a message offers.</summary>
    private const int MostSimilar = 5;

    /// <summary>What is known from two sides, such as the probe points that there are and a script's aliases.</summary>
    public ProbeMismatch With(ProbeMismatch other) =>
        other.Reached > Reached ? other
        : other.Reached < Reached ? this
        : new ProbeMismatch(Reached, CanEnd || other.CanEnd, [.. Follow, .. other.Follow]);

    /// <summary>The component that is wrong, and what is wrong with it, in SystemTap's words.</summary>
    public (ProbePointComponent Component, string Message) In(ProbePoint point)
    {
        if (Reached == point.Components.Count)
        {
            string follow = string.Concat(Follow.Distinct().Order(StringComparer.Ordinal).Select(static each => " " + each));
            return (point.Components[^1], $"probe point truncated (follow: {follow})");
        }

        ProbePointComponent component = point.Components[Reached];
        string words = Glob.HasWildcards(component.Name) ? ": didn't find any wildcard matches" : "";
        if (CanEnd && words.Length == 0)
            return (component, "invalid suffix for probe");
        string[] names = [.. Follow.Select(static each => each.Split('(')[0]).Distinct().Order(StringComparer.Ordinal)];
        string similar = string.Join(", ", NameSuggestion.Similar(component.Name, names, MostSimilar));
        return (component, $"probe point mismatch{words}{(similar.Length > 0 ? $" (similar: {similar})" : "")}");
    }
}
