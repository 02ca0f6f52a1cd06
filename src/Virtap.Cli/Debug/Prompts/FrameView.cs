using Virtap.Binaries.Dwarf;
using Virtap.Debugging.Frames;
using Virtap.Debugging.Sessions;
using static Virtap.Cli.Debug.Prompts.PromptOutput;

namespace Virtap.Cli.Debug.Prompts;

/// <summary>Shows frames and their lines, and knows which lines were shown last: <c>list</c> goes on from there.</summary>
internal sealed class FrameView(DebugSession session)
{
    /// <summary>Frames and their variables as text.</summary>
    public FrameText Text { get; } = new(session);

    /// <summary>Lines of source files.</summary>
    public SourceLines Source { get; } = new();

    /// <summary>The lines that were listed last; null where a frame was shown since.</summary>
    public (string File, int First, int Last)? Listed { get; set; }

    /// <summary>Shows the frame that is looked at: the frame and its line, or the line alone.</summary>
    public void Show(bool isWhole)
    {
        if (session.Frame is not { } frame)
            return;
        if (isWhole || frame.Source is null)
            WriteLine(Text.Line(frame));
        if (frame.Source is { } source)
        {
            WriteLine(isWhole ? Source.Line(frame.SourceName, source) : Source.OfFrame(frame));
            Look(source);
        }
    }

    /// <summary>Shows a frame with its number, and its line.</summary>
    /// <param name="frame">The frame.</param>
    /// <param name="hasAddress">Whether the line is shown with the address where that is none of the line's beginnings.</param>
    public void ShowNumbered(DebugFrame frame, bool hasAddress)
    {
        WriteLine(Text.Numbered(frame));
        if (frame.Source is not { } source)
            return;
        WriteLine(hasAddress ? Source.OfFrame(frame) : Source.Line(frame.SourceName, source));
        Look(source);
    }

    /// <summary>Shows a frame's variables that are no parameters.</summary>
    public void ShowLocals(DebugFrame frame, string indent)
    {
        IReadOnlyList<string> locals = Text.Locals(frame);
        if (locals.Count == 0)
            WriteLine(frame.Function is null ? "No symbol table info available." : "No locals.");
        foreach (string local in locals)
            WriteLine(indent + local.Replace("\n", "\n" + indent, StringComparison.Ordinal));
    }

    private void Look(SourceLine source)
    {
        session.Listed = source;
        Listed = null;
    }
}
