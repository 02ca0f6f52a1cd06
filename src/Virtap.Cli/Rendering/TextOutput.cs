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
/// <param name="width">Where sentences are broken; null for nowhere.</param>
internal sealed class TextOutput(OutputWriter writer, bool hasColor, int? width = null) : IDisposable
{
    private const string Reset = "\e[0m";

    // Narrower than this nothing fits, whatever the terminal says.
    private const int MinWidth = 40;

    // Longer lines are hard to read, however wide the terminal.
    private const int MaxWidth = 120;

    /// <summary>Whether standard output is a terminal that people look at.</summary>
    public static bool IsTerminal { get; } = !Console.IsOutputRedirected
        && Environment.GetEnvironmentVariable("TERM") is not (null or "" or "dumb");

    /// <summary>Whether what goes to standard output may be coloured.</summary>
    public static bool IsColored { get; } = IsTerminal && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"));

    /// <summary>Lines for standard output.</summary>
    public static TextOutput StandardOutput() => new(
        StandardStreams.Output, IsColored, IsTerminal
            && TerminalSize.OfStandardOutput() is { } size ? Math.Clamp((int)size.Columns, MinWidth, MaxWidth) : null);

    /// <summary>
    /// Writes text of one line. Names from elsewhere are in it as they come: what is not to be seen of them is quoted here.
    /// </summary>
    public void Write(string text, Tone tone = Tone.Plain) => writer.Write(Toned(PrintableText.OfLine(text), tone));

    public void WriteLine(string text = "", Tone tone = Tone.Plain)
    {
        Write(text, tone);
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
        int room = (width ?? int.MaxValue) - column;
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
    public void Flush() => writer.Complete();

    public void Dispose() => writer.Dispose();

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
