namespace Virtap.Language;

/// <summary>
/// A script's text and where it came from. Positions in it are UTF-16 offsets; lines and columns count from 1, a tab as one column, as
/// SystemTap counts.
/// </summary>
public sealed class SourceText
{
    private readonly List<int> _lineStarts = [0];

    /// <summary>Remembers a text under the name that messages show.</summary>
    /// <param name="name">A path, or <c>&lt;input&gt;</c> for a script given with -e or on standard input, as SystemTap shows it.</param>
    /// <param name="text">The whole text.</param>
    public SourceText(string name, string text)
    {
        Name = name;
        Text = text;
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] == '\n')
                _lineStarts.Add(i + 1);
        }
    }

    /// <summary>The name that messages show.</summary>
    public string Name { get; }

    /// <summary>The whole text.</summary>
    public string Text { get; }

    /// <summary>Line and column of an offset; an offset past the end is the end.</summary>
    public (int Line, int Column) Position(int offset)
    {
        offset = Math.Clamp(offset, 0, Text.Length);
        int line = _lineStarts.BinarySearch(offset);
        if (line < 0)
            line = ~line - 1;
        return (line + 1, offset - _lineStarts[line] + 1);
    }

    /// <summary>A line's text without its end; line numbers from 1.</summary>
    public ReadOnlySpan<char> Line(int line)
    {
        int start = _lineStarts[line - 1];
        int end = line < _lineStarts.Count ? _lineStarts[line] - 1 : Text.Length;
        return Text.AsSpan(start, end - start).TrimEnd('\r');
    }
}
