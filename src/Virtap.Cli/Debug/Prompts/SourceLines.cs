using System.Globalization;
using Virtap.Binaries.Dwarf;
using Virtap.Debugging.Frames;

namespace Virtap.Cli.Debug.Prompts;

/// <summary>Lines of source files, as gdb shows them.</summary>
internal sealed class SourceLines
{
    private readonly Dictionary<string, string[]?> _files = [];
    private readonly HashSet<string> _missed = [];

    /// <summary>How many lines a file has; null where it is not there.</summary>
    public int? Count(string path) => Read(path)?.Length;

    /// <summary>The line that a frame is at.</summary>
    public string OfFrame(DebugFrame frame)
    {
        string text = Line(frame.SourceName, frame.Source!);
        return frame.IsMidLine ? string.Create(CultureInfo.InvariantCulture, $"0x{frame.Address:x16}\t{text}") : text;
    }

    /// <summary>A line with its number; where the file is not there, that is said, the first time why.</summary>
    public string Line(string name, SourceLine line)
    {
        if (Read(line.File) is { } lines)
            return line.Line <= lines.Length ? Numbered(line.Line, lines[line.Line - 1])
                : string.Create(CultureInfo.InvariantCulture, $"{line.Line}\tin {name}");
        bool isFirst = _missed.Add(line.File);
        return isFirst ? string.Create(CultureInfo.InvariantCulture, $"{line.Line}\t{name}: No such file or directory.")
            : string.Create(CultureInfo.InvariantCulture, $"{line.Line}\tin {name}");
    }

    /// <summary>Lines with their numbers.</summary>
    public IEnumerable<string> Lines(string path, int first, int last)
    {
        string[] lines = Read(path) ?? [];
        for (int line = Math.Max(first, 1); line <= Math.Min(last, lines.Length); line++)
            yield return Numbered(line, lines[line - 1]);
    }

    private static string Numbered(int line, string text) => string.Create(CultureInfo.InvariantCulture, $"{line}\t{text}");

    private string[]? Read(string path)
    {
        if (_files.TryGetValue(path, out string[]? lines))
            return lines;
        try
        {
            lines = File.ReadAllLines(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            lines = null;
        }

        return _files[path] = lines;
    }
}
