using Virtap.Language.Diagnostics;
using Virtap.Names;

namespace Virtap.Language.Binding.Elision;

/// <summary>The warning of a variable that somebody reads and nobody sets.</summary>
internal static class NeverAssigned
{
    /// <summary>As many names as SystemTap suggests in its place.</summary>
    private const int MostSimilar = 5;

    /// <summary>Warns of a local.</summary>
    /// <param name="diagnostics">Takes the warning.</param>
    /// <param name="name">Its name.</param>
    /// <param name="span">Where it is met first.</param>
    /// <param name="others">What else could have been meant: the body's other locals, and the script's globals.</param>
    public static void WarnOfLocal(DiagnosticBag diagnostics, string name, SourceSpan span, IReadOnlyList<string> others) =>
        diagnostics.Warning(
            $"never-assigned local variable '{name}'{Similar(name, others)}", span, Hints.Nearest(name, others));

    /// <summary>Warns of a global.</summary>
    public static void WarnOfGlobal(DiagnosticBag diagnostics, string name, SourceSpan span, IEnumerable<string> others) =>
        diagnostics.Warning($"never-assigned global variable '{name}'{Similar(name, others)}", span);

    private static string Similar(string name, IEnumerable<string> others)
    {
        string[] similar = [.. NameSuggestion.Similar(name, others.Distinct().Order(StringComparer.Ordinal), MostSimilar)];
        return similar.Length == 0 ? "" : $" (similar: {string.Join(", ", similar)})";
    }
}
