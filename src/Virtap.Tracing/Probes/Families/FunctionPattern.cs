using System.Globalization;
using Virtap.Binaries.Dwarf;

namespace Virtap.Tracing.Probes.Families;

/// <summary>What <c>function("name@file:lines")</c> and <c>statement(…)</c> name.</summary>
/// <param name="Name">The function, with wildcards.</param>
/// <param name="File">The source file or the end of its path, with wildcards; null for any.</param>
/// <param name="Lines">The lines; null for any.</param>
internal sealed record FunctionPattern(string Name, string? File, LinePattern? Lines)
{
    /// <summary>Whether a function of that name is meant, by its file.</summary>
    public bool IsInFile(DebugFunction function) => File is null || SourcePath.IsMatch(function.Path, File);

    /// <summary>Whether a function of that name is meant, by its file and line.</summary>
    public bool IsMeant(DebugFunction function) => IsInFile(function) && Lines?.Has(function.Line, function.Line) != false;

    /// <summary>Reads a pattern.</summary>
    /// <param name="text">As the script has it.</param>
    /// <param name="problem">What is wrong with it, in SystemTap's words.</param>
    public static FunctionPattern? Parse(string text, out string? problem)
    {
        problem = null;
        int at = text.IndexOf('@', StringComparison.Ordinal);
        if (at < 0)
            return new FunctionPattern(text, null, null);
        string name = text[..at], rest = text[(at + 1)..];
        if (rest.Length == 0)
        {
            problem = $"malformed specification (missing file name) in '{text}'";
            return null;
        }

        int mark = rest.LastIndexOfAny([':', '+']);
        if (mark < 0)
            return new FunctionPattern(name, rest, null);
        if (LinePattern.Parse(rest[(mark + 1)..], rest[mark] == '+') is { } lines)
            return new FunctionPattern(name, rest[..mark], lines);
        problem = $"malformed specification (line number missing or invalid) in '{text}'";
        return null;
    }
}

/// <summary>
/// Lines of a source file: <c>12</c>, <c>10-16</c>, <c>3,5,7-9</c>, <c>*</c>; relative ones count from a function's own line.
/// </summary>
/// <param name="Ranges">First and last line of each; none for all lines.</param>
/// <param name="IsRelative">Whether they count from the function's line.</param>
internal sealed record LinePattern(IReadOnlyList<(int First, int Last)> Ranges, bool IsRelative)
{
    /// <summary>Whether one line is meant, for which the next one with code will do where it has none.</summary>
    public int? Single => Ranges is [(var first, var last)] && first == last ? first : null;

    /// <summary>Whether a line is meant.</summary>
    /// <param name="line">The line.</param>
    /// <param name="function">The line of its function.</param>
    public bool Has(int line, int function)
    {
        int shift = IsRelative ? function : 0;
        return Ranges.Count == 0 || Ranges.Any(range => line >= range.First + shift && line <= range.Last + shift);
    }

    /// <summary>Reads lines; null where they are none.</summary>
    public static LinePattern? Parse(string text, bool isRelative)
    {
        if (text == "*")
            return new LinePattern([], isRelative);
        List<(int, int)> ranges = [];
        foreach (string part in text.Split(','))
        {
            int dash = part.IndexOf('-', StringComparison.Ordinal);
            if (!TryLine(dash < 0 ? part : part[..dash], out int first) || !TryLine(dash < 0 ? part : part[(dash + 1)..], out int last)
                || last < first)
                return null;
            ranges.Add((first, last));
        }

        return new LinePattern(ranges, isRelative);

        static bool TryLine(string part, out int line) =>
            int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out line);
    }
}
