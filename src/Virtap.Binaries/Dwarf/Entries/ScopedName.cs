using Virtap.Names;

namespace Virtap.Binaries.Dwarf.Entries;

/// <summary>Names of C++ by their parts: <c>shop::Item::sell</c>, where what stands in angle brackets has parts of its own.</summary>
public static class ScopedName
{
    private const string Separator = "::";

    /// <summary>The parts of a name, outermost first.</summary>
    public static IReadOnlyList<string> PartsOf(string name)
    {
        List<string> parts = [];
        int start = 0, depth = 0;
        for (int at = 0; at < name.Length; at++)
        {
            if (name[at] is '<')
                depth++;
            else if (name[at] is '>' && depth > 0)
                depth--;
            else if (depth == 0 && name.AsSpan(at).StartsWith(Separator, StringComparison.Ordinal))
            {
                parts.Add(name[start..at]);
                at++;
                start = at + 1;
            }
        }

        parts.Add(name[start..]);
        return parts;
    }

    /// <summary>The last parts of a name, as many as a pattern has.</summary>
    public static string LastOf(string name, string pattern) =>
        string.Join(Separator, PartsOf(name).TakeLast(PartsOf(pattern).Count));

    /// <summary>Whether a pattern means a name: its parts, with wildcards, are the last ones.</summary>
    public static bool IsMatch(string name, string pattern)
    {
        IReadOnlyList<string> parts = PartsOf(name), wanted = PartsOf(pattern);
        return wanted.Count <= parts.Count
            && wanted.Zip(parts.Skip(parts.Count - wanted.Count)).All(static pair => new Glob(pair.First).IsMatch(pair.Second));
    }
}
