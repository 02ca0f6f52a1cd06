using Virtap.Language.Binding.Targets;
using Virtap.Names;

namespace Virtap.Tracing.Probes.Families;

/// <summary>SystemTap's message where a name is none: with the names that are least unlike it, whatever a hint says besides.</summary>
internal static class SimilarNames
{
    /// <summary>As many names as SystemTap suggests.</summary>
    private const int MaxNames = 5;

    /// <summary>The message.</summary>
    /// <param name="point">The probe point. Where its file is a pattern, SystemTap suggests nothing.</param>
    /// <param name="what">What is named, in plural: <c>functions</c>.</param>
    /// <param name="wanted">The name that was written; wildcards in it are passed over.</param>
    /// <param name="names">Those that there are.</param>
    public static string NoMatch(ProbePoint point, string what, string wanted, IEnumerable<string> names) =>
        point.Components[0].Text is { } file && Glob.HasWildcards(file) ? "no match" : NoMatch(what, wanted, names);

    /// <inheritdoc cref="NoMatch(ProbePoint, string, string, IEnumerable{string})"/>
    public static string NoMatch(string what, string wanted, IEnumerable<string> names)
    {
        string plain = string.Concat(wanted.Split('*', '?', '[', ']'));
        string[] similar = [.. NameSuggestion.Similar(plain, names.Distinct().Order(StringComparer.Ordinal), MaxNames)];
        return similar.Length == 0 ? "no match" : $"no match (similar {what}: {string.Join(", ", similar)})";
    }
}
