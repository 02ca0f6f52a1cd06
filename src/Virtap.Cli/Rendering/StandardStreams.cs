using System.Text;
using Virtap.Interop;
using Virtap.Language;
using Virtap.Language.Diagnostics;
using Virtap.Tracing.Runtime;

namespace Virtap.Cli.Rendering;

/// <summary>
/// This process's standard output and standard error: the only way to either, for the commands and for the libraries they use. What cannot
/// be written is remembered; whoever runs a command makes an error of it.
/// </summary>
internal static class StandardStreams
{
    public static OutputWriter Output { get; } = OutputWriter.StandardOutput();

    public static OutputWriter Error { get; } = OutputWriter.StandardError();

    /// <summary>To be called first: from then on <see cref="Console"/> writes here too.</summary>
    public static void Take()
    {
        OccupyStandardDescriptors();
        Console.SetOut(new Characters(Output));
        Console.SetError(new Characters(Error));
    }

    /// <summary>
    /// Writes a line of words to standard error, behind all output so far; what names bring along that is not to be seen is quoted. On a
    /// terminal it is broken between words.
    /// </summary>
    public static void Report(string line)
    {
        Output.Flush();
        // What is indented is an excerpt of a text, below which carets may stand.
        new TextOutput(Error, hasColor: false, line.StartsWith(' ') ? null : TextOutput.WidthOfErrors()).WriteLine(line);
        Error.Flush();
    }

    /// <summary>Writes a line of words to standard error from another thread than the session's, so by a writer of its own.</summary>
    public static void ReportAside(string line)
    {
        OutputWriter errors = OutputWriter.StandardError();
        errors.Write(line + "\n");
        errors.Flush();
    }

    /// <summary>
    /// Gives descriptors 0 to 2 that this process was started without (<c>>&amp;-</c>) to something that can do neither what a reader nor
    /// what a writer wants, so that nothing else gets their numbers and takes what is meant for a terminal. A command started from here
    /// finds them closed again.
    /// </summary>
    private static void OccupyStandardDescriptors()
    {
        const int StandardError = 2;
        for (int file = 0; file <= StandardError; file++)
        {
            // The lowest free number is the one that open(2) takes.
            if (Libc.Control(file, Libc.GetDescriptorFlags) < 0)
                _ = Libc.Open("/dev/null", (file == 0 ? Libc.WriteOnly : Libc.ReadOnly) | Libc.CloseOnExec);
        }
    }

    /// <summary>A stream as <see cref="Console"/> wants it. Standard error is written line by line, behind all output so far.</summary>
    private sealed class Characters(OutputWriter writer) : TextWriter
    {
        public override Encoding Encoding { get; } = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);

        public override void Write(char value) => Write([value]);

        public override void Write(string? value) => Write(value.AsSpan());

        public override void Write(char[] buffer, int index, int count) => Write(buffer.AsSpan(index, count));

        public override void Write(ReadOnlySpan<char> buffer)
        {
            if (writer == Error)
                Output.Flush();
            writer.Write(buffer);
            if (writer == Error)
                writer.Flush();
        }

        public override void WriteLine(string? value) => Write(value + "\n");

        public override void Flush() => writer.Complete();
    }
}
