using Virtap.Language;

namespace Virtap.Cli.LanguageServer;

/// <summary>A script that is open in an editor. Its lines end as the protocol has it: LF, CR LF, or CR.</summary>
internal sealed class ScriptDocument(string uri, string text)
{
    private SourceText? _source;

    public string Uri { get; } = uri;

    /// <summary>The version that the editor gave it last.</summary>
    public int? Version { get; set; }

    public string Text { get; private set; } = text;

    /// <summary>The text as the compiler takes it.</summary>
    public SourceText Source => _source ??= new SourceText(Name, Text);

    /// <summary>What messages call it: the path of a file, otherwise its address.</summary>
    public string Name => System.Uri.TryCreate(Uri, UriKind.Absolute, out Uri? uri) && uri.IsFile ? uri.LocalPath : Uri;

    /// <summary>Puts a change in.</summary>
    public void Apply(TextChange change)
    {
        if (change.Range is { } range)
        {
            int start = OffsetOf(range.Start), end = Math.Max(start, OffsetOf(range.End));
            Text = string.Concat(Text.AsSpan(0, start), change.Text, Text.AsSpan(end));
        }
        else
        {
            Text = change.Text;
        }

        _source = null;
    }

    /// <summary>The offset of a place; one behind the end of its line is that end.</summary>
    public int OffsetOf(Position place)
    {
        int offset = 0;
        for (int line = 0; line < place.Line; line++)
        {
            int end = EndOfLine(offset);
            if (end == Text.Length)
                return end;
            offset = end + (Text[end] == '\r' && end + 1 < Text.Length && Text[end + 1] == '\n' ? 2 : 1);
        }

        return Math.Min(offset + Math.Max(place.Character, 0), EndOfLine(offset));
    }

    /// <summary>The place of an offset.</summary>
    public Position PlaceOf(int offset)
    {
        offset = Math.Clamp(offset, 0, Text.Length);
        int line = 0, start = 0;
        for (int end = EndOfLine(0); end < offset; end = EndOfLine(start))
        {
            int next = end + (Text[end] == '\r' && end + 1 < Text.Length && Text[end + 1] == '\n' ? 2 : 1);
            if (next > offset)
                break;
            (line, start) = (line + 1, next);
        }

        return new Position(line, offset - start);
    }

    /// <summary>A stretch of it.</summary>
    public TextRange RangeOf(int start, int length) => new(PlaceOf(start), PlaceOf(start + length));

    /// <summary>The word at an offset, with the <c>$</c> or <c>@</c> before it; empty where there is none.</summary>
    public (int Start, string Word) WordAt(int offset)
    {
        int start = offset, end = offset;
        while (start > 0 && IsOfWord(Text[start - 1]))
            start--;
        while (end < Text.Length && IsOfWord(Text[end]))
            end++;
        while (start > 0 && Text[start - 1] is '$' or '@')
            start--;
        return (start, Text[start..end]);
    }

    private static bool IsOfWord(char c) => char.IsAsciiLetterOrDigit(c) || c == '_';

    private int EndOfLine(int offset)
    {
        int length = Text.AsSpan(offset).IndexOfAny('\n', '\r');
        return length < 0 ? Text.Length : offset + length;
    }
}
