using Virtap.Language;
using Virtap.Language.Diagnostics;
using Virtap.Tracing.Runtime;

namespace Virtap.Cli.Rendering;

/// <summary>
/// Lines for a person: coloured on a terminal, plain in a pipe or with <c>NO_COLOR</c> in the environment (no-color.org). The words are
/// the same.
/// </summary>
/// <param name="writer">Where they go; disposed with this.</param>
/// <param name="hasColor">Whether tones become colours.</param>
/// <param name="width">Where lines are broken; null for nowhere.</param>
internal sealed class TextOutput(OutputWriter writer, bool hasColor, int? width = null) : IDisposable
{
    private const string Reset = "\e[0m";

    // Narrower than this nothing fits, whatever the terminal says.
    private const int MinWidth = 40;

    // Longer sentences are hard to read, however wide the terminal.
    private const int MaxWidth = 120;

    /// <summary>How much further in than its beginning a line goes on below, where it is too long.</summary>
    private const int Further = 4;

    // What has come of a line that may have to be broken.
    private readonly List<(string Text, Tone Tone)> _line = [];

    private static readonly bool s_obeysOrders = Environment.GetEnvironmentVariable("TERM") is not (null or "" or "dumb");

    /// <summary>Whether standard output is a terminal that people look at.</summary>
    public static bool IsTerminal { get; } = !Console.IsOutputRedirected && s_obeysOrders;

    /// <summary>Whether what goes to standard output may be coloured.</summary>
    public static bool IsColored { get; } = IsTerminal && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"));

    /// <summary>Lines for standard output.</summary>
    public static TextOutput StandardOutput() => new(
        StandardStreams.Output, IsColored, IsTerminal ? WidthOf(TerminalSize.OfStandardOutput()) : null);

    /// <summary>Where lines on standard error are broken; null for nowhere, as it is no terminal.</summary>
    public static int? WidthOfErrors() =>
        !Console.IsErrorRedirected && s_obeysOrders ? WidthOf(TerminalSize.OfStandardError()) : null;

    /// <summary>How many columns there are for a line; null for any number.</summary>
    public int? Width => width;

    /// <summary>
    /// Writes text of one line. Names from elsewhere are in it as they come: what is not to be seen of them is quoted here.
    /// </summary>
    public void Write(string text, Tone tone = Tone.Plain)
    {
        text = PrintableText.OfLine(text);
        if (width is null)
            writer.Write(Toned(text, tone));
        else
            _line.Add((text, tone));
    }

    /// <summary>Ends a line. What is too long for the terminal goes on below, broken between words.</summary>
    public void WriteLine(string text = "", Tone tone = Tone.Plain)
    {
        Write(text, tone);
        if (width is { } room)
            WriteBroken(room);
        writer.Write("\n");
    }

    /// <summary>
    /// Writes the rest of a line: a sentence, which on a terminal is broken between words into lines that begin where it began.
    /// </summary>
    /// <param name="text">The sentence.</param>
    /// <param name="column">Where it begins.</param>
    /// <param name="tone">What it is.</param>
    public void WriteSentence(string text, int column, Tone tone = Tone.Plain)
    {
        text = PrintableText.OfLine(text);
        int room = (width is { } columns ? Math.Min(columns, MaxWidth) : int.MaxValue) - column;
        while (text.Length > room)
        {
            int end = text.LastIndexOf(' ', room);
            if (end <= 0)
                break;
            WriteLine(text[..end], tone);
            Write(new string(' ', column));
            text = text[(end + 1)..];
        }

        WriteLine(text, tone);
    }

    /// <summary>Writes what has gathered.</summary>
    /// <exception cref="IOException">It cannot be written, or nobody reads any more (<c>| head</c>): the command ends.</exception>
    public void Flush()
    {
        WritePart(0, int.MaxValue);
        _line.Clear();
        writer.Complete();
    }

    public void Dispose() => writer.Dispose();

    private static int? WidthOf(TerminalSize? terminal) => terminal is { } size ? Math.Max((int)size.Columns, MinWidth) : null;

    private void WriteBroken(int room)
    {
        string line = string.Concat(_line.Select(static part => part.Text));
        int beginning = line.Length - line.AsSpan().TrimStart(' ').Length, start = 0;
        while (true)
        {
            int end = EndOf(line, start, start == 0 ? beginning : start, start == 0 ? room : room - beginning - Further);
            WritePart(start, end);
            start = line.Length - line.AsSpan(end).TrimStart(' ').Length;
            if (start == line.Length)
                break;
            writer.Write("\n" + new string(' ', beginning + Further));
        }

        _line.Clear();
    }

    /// <summary>Where a part of a line ends that has room: before a blank, or at the end of a word that is too long itself.</summary>
    private static int EndOf(string line, int start, int words, int room)
    {
        if (line.Length - start <= room || words == line.Length)
            return line.Length;
        int end = line.LastIndexOf(' ', Math.Max(start + room, words));
        if (end <= words)
            end = line.IndexOf(' ', Math.Max(start + room, words));
        return end < 0 ? line.Length : words + line.AsSpan(words, end - words).TrimEnd(' ').Length;
    }

    private void WritePart(int start, int end)
    {
        int at = 0;
        foreach ((string text, Tone tone) in _line)
        {
            int from = Math.Clamp(start - at, 0, text.Length), to = Math.Clamp(end - at, from, text.Length);
            if (to > from)
                writer.Write(Toned(text[from..to], tone));
            at += text.Length;
        }
    }

    private string Toned(string text, Tone tone) => !hasColor || tone == Tone.Plain || text.Length == 0 ? text : Code(tone) + text + Reset;

    // SGR parameters of ECMA-48: those every terminal has, readable on dark and on light.
    private static string Code(Tone tone) => tone switch
    {
        Tone.Strong => "\e[1m",
        Tone.Quiet => "\e[2m",
        Tone.Name => "\e[36m",
        Tone.Good => "\e[32m",
        Tone.Caution => "\e[33m",
        Tone.Bad => "\e[1;31m",
        _ => "",
    };
}
