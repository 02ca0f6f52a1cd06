using Virtap.Binaries.Dwarf;
using Virtap.Cli.Rendering;
using Virtap.Debugging.Frames;
using Virtap.Debugging.Sessions;
using static Virtap.Cli.Debug.Prompts.CommandArguments;
using static Virtap.Cli.Debug.Prompts.PromptOutput;

namespace Virtap.Cli.Debug.Prompts;

/// <summary>What is known: <c>info</c> and its subjects.</summary>
internal sealed class InfoCommands(
    DebugSession session, FrameView view, StackCommands stack, BreakpointCommands breakpoints, SignalCommands signals, DisplayList displays,
    CodeInfo code, RegisterTable registers, SymbolListing listing)
{
    /// <summary>What it can be asked.</summary>
    public static IReadOnlyList<string> Subjects { get; } =
    [
        "args", "breakpoints", "display", "frame", "functions", "line", "locals", "registers", "sharedlibrary", "signals", "source",
        "symbol", "threads", "types", "variables",
    ];

    /// <summary><c>info</c>.</summary>
    public void Info(string rest)
    {
        (string word, string subject) = SplitWord(rest);
        string[] found = word switch
        {
            "b" or "br" => ["breakpoints"],
            "s" or "stack" => ["stack"],
            "r" or "all-registers" => ["registers"],
            "f" => ["frame"],
            "watchpoints" => ["watchpoints"],
            "dll" => ["sharedlibrary"],
            "sh" or "shared" => ["sharedlibrary"],
            _ => [.. Subjects.Where(each => each.StartsWith(word, StringComparison.Ordinal))],
        };
        if (word.Length == 0 || found is not [var name])
            throw new PromptException(
                found.Length > 1 && word.Length > 0 ? $"Ambiguous info command \"{word}\": {string.Join(", ", found)}."
                    : $"Undefined info command: \"{word}\".  There are {string.Join(", ", Subjects)}.");
        switch (name)
        {
            case "breakpoints":
                breakpoints.ShowTable();
                break;
            case "watchpoints":
                breakpoints.ShowWatchpoints();
                break;
            case "threads":
                stack.ShowThreads();
                break;
            case "display":
                displays.ShowTable();
                break;
            case "line":
                code.ShowLine(subject);
                break;
            case "symbol":
                code.ShowSymbol(Given(subject));
                break;
            case "sharedlibrary":
                code.ShowLibraries();
                break;
            case "signals":
                signals.ShowTable(subject);
                break;
            case "stack":
                stack.Backtrace(subject);
                break;
            case "source":
                code.ShowSource();
                break;
            case "functions":
                listing.Show(DeclarationKind.Function, subject);
                break;
            case "variables":
                listing.Show(DeclarationKind.Variable, subject);
                break;
            case "types":
                listing.Show(DeclarationKind.Type, subject);
                break;
            default:
                ShowFrame(name, subject);
                break;
        }
    }

    private void ShowFrame(string name, string subject)
    {
        if (name == "registers" && !session.HasStack)
            throw new PromptException("The program has no registers now.");
        Require.Stack(session);
        DebugFrame frame = session.Frame ?? throw new PromptException("No frame selected.");
        switch (name)
        {
            case "args":
                IReadOnlyList<string> arguments = view.Text.Arguments(frame);
                WriteLine(frame.Function is null ? "No symbol table info available."
                    : arguments.Count == 0 ? "No arguments." : string.Join('\n', arguments));
                break;
            case "locals":
                view.ShowLocals(frame, "");
                break;
            case "registers":
                registers.Show(frame, subject);
                break;
            default:
                ShowFrame(frame);
                break;
        }
    }

    private void ShowFrame(DebugFrame frame)
    {
        IReadOnlyList<DebugFrame> frames = session.Frames().Frames;
        DebugFrame? caller = frames.FirstOrDefault(each => each.Level > frame.Level && each.Physical != frame.Physical);
        ulong? saved = session.CallerOf(frame);
        WriteLine(Figures.Invariant($"Stack level {frame.Level}, frame at 0x{frame.Cfa:x}:"));
        string source = frame.Source is { } line ? Figures.Invariant($" ({frame.SourceName}:{line.Line})") : "";
        string returns = saved is ulong to ? Figures.Invariant($"; saved rip = 0x{to:x}") : "";
        WriteLine(Figures.Invariant($" rip = 0x{frame.Address:x} in {frame.Symbol ?? "??"}{source}{returns}"));
        string[] neighbours = [
            .. frame switch
            {
                { Physical.IsTailCall: true } => [" tail call frame"],
                { IsInlined: true } => [Figures.Invariant($" inlined into frame {frame.Level + 1}")],
                _ when caller is not null => [Figures.Invariant($" called by frame at 0x{caller.Cfa:x}")],
                _ => Array.Empty<string>(),
            },
            .. frame.Level > 0 ? [Figures.Invariant($" caller of frame at 0x{frames[frame.Level - 1].Cfa:x}")] : Array.Empty<string>()];
        if (neighbours.Length > 0)
            WriteLine(string.Join(',', neighbours));
        if (frame.Function is not null)
            WriteLine($" source language {(frame.Function.IsCPlusPlus ? "c++" : "c")}.");
        ulong locals = frame.Cfa - 16;
        WriteLine(Figures.Invariant($" Arglist at 0x{locals:x}, args: {view.Text.ArgumentList(frame)}"));
        WriteLine(Figures.Invariant($" Locals at 0x{locals:x}, Previous frame's sp is 0x{frame.Cfa:x}"));
        List<string> registers = [
            .. session.SavedRegisters(frame).Select(
                static each => Figures.Invariant($"{RegisterTable.NameOf(each.Register)} at 0x{each.Address:x}"))];
        if (registers.Count > 0)
            WriteLine($" Saved registers:\n  {string.Join(", ", registers)}");
    }
}
