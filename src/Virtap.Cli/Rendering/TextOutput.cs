using Virtap.Tracing.Output;

namespace Virtap.Cli.Rendering;

/// <summary>Lines for a person: coloured on a terminal, plain in a pipe or with <c>NO_COLOR</c> in the environment (no-color.org). The words are the same.</summary>
/// <param name="writer">Where they go; disposed with this.</param>
/// <param name="hasColor">Whether tones become colours.</param>
internal sealed class TextOutput(OutputWriter writer, bool hasColor) : IDisposable
{
    private const string Reset = "\e[0m";

    /// <summary>Whether standard output is a terminal that people look at.</summary>
    public static bool IsTerminal { get; } = !Console.IsOutputRedirected && Environment.GetEnvironmentVariable("TERM") is not (null or "" or "dumb");

    /// <summary>Whether what goes to standard output may be coloured.</summary>
    public static bool IsColored { get; } = IsTerminal && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"));

    /// <summary>Lines for standard output.</summary>
    public static TextOutput StandardOutput() => new(OutputWriter.StandardOutput(), IsColored);

    public void Write(string text, Tone tone = Tone.Plain) => writer.Write(Toned(text, tone));

    public void WriteLine(string text = "", Tone tone = Tone.Plain)
    {
        Write(text, tone);
        writer.Write("\n");
    }

    /// <summary>Writes what has gathered.</summary>
    /// <exception cref="IOException">It cannot be written, or nobody reads any more (<c>| head</c>): the command ends.</exception>
    public void Flush()
    {
        writer.Flush();
        if (writer.Failure is { } failure)
            throw failure;
    }

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
