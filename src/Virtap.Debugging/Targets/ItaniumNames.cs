using System.Globalization;

namespace Virtap.Debugging.Targets;

/// <summary>
/// Names of C++'s variables as linkers know them (Itanium C++ ABI, 5.1): nested names, tables of virtual functions and what describes
/// types. Templates and functions are not among them: debug information knows these.
/// </summary>
internal static class ItaniumNames
{
    private const int MaxLength = 1 << 12;

    /// <summary>The name in the source; null where it is none of these.</summary>
    public static string? Demangle(string name)
    {
        if (name.Length > MaxLength || !name.StartsWith("_Z", StringComparison.Ordinal))
            return null;
        int at = 2;
        (string prefix, int skip) = name[at..] switch
        {
            ['T', 'V', ..] => ("vtable for ", 2),
            ['T', 'I', ..] => ("typeinfo for ", 2),
            ['T', 'S', ..] => ("typeinfo name for ", 2),
            ['T', 'T', ..] => ("VTT for ", 2),
            _ => ("", 0),
        };
        at += skip;
        return Name(name, ref at) is { } full && at == name.Length ? prefix + full : null;
    }

    private static string? Name(string text, ref int at)
    {
        if (at < text.Length && text[at] == 'L')
            at++;
        if (at >= text.Length || text[at] != 'N')
            return Source(text, ref at);
        at++;
        List<string> parts = [];
        while (at < text.Length && text[at] != 'E')
        {
            if (text[at] == 'L')
                at++;
            if (Source(text, ref at) is not { } part)
                return null;
            parts.Add(part);
        }

        at++;
        return parts.Count > 0 ? string.Join("::", parts) : null;
    }

    private static string? Source(string text, ref int at)
    {
        int end = at;
        while (end < text.Length && char.IsAsciiDigit(text[end]))
            end++;
        if (!int.TryParse(text.AsSpan(at, end - at), NumberStyles.None, CultureInfo.InvariantCulture, out int length)
            || length <= 0 || end + length > text.Length)
            return null;
        at = end + length;
        string name = text.Substring(end, length);
        return name.StartsWith("_GLOBAL__N", StringComparison.Ordinal) ? "(anonymous namespace)" : name;
    }
}
