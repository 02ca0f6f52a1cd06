using System.Globalization;
using Virtap.Binaries;
using Virtap.Binaries.Dwarf;
using Virtap.Cli.Rendering;
using Virtap.Debugging.Control;
using Virtap.Debugging.Frames;
using Virtap.Debugging.Locations;
using Virtap.Debugging.Sessions;
using Virtap.Debugging.Targets;
using Virtap.Language;
using Virtap.Processes.Control;
using Virtap.Processes.Cores;

namespace Virtap.Cli.Debug;

/// <summary>What is known: info and its subjects.</summary>
internal sealed partial class Prompt
{
    private static readonly string[] s_subjects =
    [
        "args", "breakpoints", "display", "frame", "line", "locals", "registers", "sharedlibrary", "signals", "source", "symbol", "threads",
    ];

    private void Info(string rest)
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
            _ => [.. s_subjects.Where(each => each.StartsWith(word, StringComparison.Ordinal))],
        };
        if (word.Length == 0 || found is not [var name])
            throw new PromptException(
                found.Length > 1 && word.Length > 0 ? $"Ambiguous info command \"{word}\": {string.Join(", ", found)}."
                    : $"Undefined info command: \"{word}\".  There are {string.Join(", ", s_subjects)}.");
        switch (name)
        {
            case "breakpoints":
                InfoBreakpoints(_session.Breakpoints, "breakpoints or watchpoints");
                break;
            case "watchpoints":
                InfoBreakpoints([.. _session.Breakpoints.Where(static each => each.IsWatch)], "watchpoints");
                break;
            case "threads":
                InfoThreads();
                break;
            case "display":
                InfoDisplay();
                break;
            case "line":
                InfoLine(subject);
                break;
            case "symbol":
                InfoSymbol(Given(subject));
                break;
            case "sharedlibrary":
                InfoLibraries();
                break;
            case "signals":
                WriteSignals(subject.Length > 0 && subject != "all"
                    ? [Signals.Find(subject) ?? throw new PromptException($"there is no signal '{subject}'")] : Signals.All);
                break;
            case "stack":
                Backtrace(subject);
                break;
            default:
                InfoOfFrame(name, subject);
                break;
        }
    }

    private void InfoOfFrame(string name, string subject)
    {
        if (name == "source")
        {
            InfoSource();
            return;
        }

        if (name == "registers" && !_session.HasStack)
            throw new PromptException("The program has no registers now.");
        RequireStack();
        DebugFrame frame = _session.Frame ?? throw new PromptException("No frame selected.");
        switch (name)
        {
            case "args":
                IReadOnlyList<string> arguments = _frameText.Arguments(frame);
                WriteLine(frame.Function is null ? "No symbol table info available."
                    : arguments.Count == 0 ? "No arguments." : string.Join('\n', arguments));
                break;
            case "locals":
                WriteLocals(frame, "");
                break;
            case "registers":
                InfoRegisters(frame, subject);
                break;
            default:
                InfoFrame(frame);
                break;
        }
    }

    private static void InfoBreakpoints(IReadOnlyList<Breakpoint> breakpoints, string what)
    {
        if (breakpoints.Count == 0)
            WriteLine($"No {what}.");
        else
            foreach (string line in BreakpointText.Table(breakpoints))
                WriteLine(line);
    }

    private void InfoThreads()
    {
        List<(bool IsCurrent, int Number, string Target, string Frame)> rows = [];
        if (_session.Target.Process is CoreProcess)
        {
            int before = _session.CoreThreadNumber;
            for (int number = 1; number <= _session.CoreThreads.Count; number++)
            {
                _session.SelectCoreThread(number);
                rows.Add((number == before, number, CoreTarget(number), _session.Frame is { } at ? _frameText.Line(at) : "(no registers)"));
            }

            _session.SelectCoreThread(before);
        }
        else
        {
            foreach (TracedThread thread in _session.Inferior?.Threads ?? [])
            {
                string where = thread.IsStopped && _session.FramesOf(thread, 1).Frames is [var top, ..]
                    ? _frameText.Line(top) : "(running)";
                rows.Add((thread == _session.Thread, thread.Number, $"{TargetId(thread)} \"{NameOf(thread)}\"", where));
            }
        }

        if (rows.Count == 0)
        {
            WriteLine("No threads.");
            return;
        }

        int width = Math.Max(rows.Max(static row => row.Target.Length), "Target Id".Length);
        WriteLine($"  Id   {"Target Id".PadRight(width)} Frame ");
        foreach ((bool isCurrent, int number, string target, string where) in rows)
            WriteLine(Figures.Invariant($"{(isCurrent ? '*' : ' ')} {number,-4} {target.PadRight(width)} {where}"));
    }

    private void InfoDisplay()
    {
        if (_displays.Count == 0)
        {
            WriteLine("There are no auto-display expressions now.");
            return;
        }

        WriteLine("Auto-display expressions now in effect:\nNum Enb Expression");
        foreach (DisplayedExpression each in _displays)
            WriteLine(Figures.Invariant($"{each.Number}:   {(each.IsEnabled ? 'y' : 'n')}  {FormatOf(each)}{each.Expression}"));

        // Of memory with what was left out: how many, and of which size.
        static string FormatOf(DisplayedExpression display) => display.Format switch
        {
            "" => "",
            [.. var count, 'i' or 's'] when display.IsMemory => $"/{(count.Length > 0 ? count : "1")}b{display.Format[^1]} ",
            var format => $"/{format} ",
        };
    }

    private void InfoLine(string subject)
    {
        CodeLocation location = subject.Length == 0 && _session.Frame is { } frame ? _session.At(frame.Address)
            : _session.Find(subject, skipsPrologue: false)[0];
        if (location is not { Line: { } line, Image: { } image })
        {
            string at = Figures.Invariant($"0x{location.Address:x} {Symbol(location.Address)}").TrimEnd();
            WriteLine($"No line number information available for address {at}");
            return;
        }

        ulong start = line.Start + image.Bias, end = line.End + image.Bias;
        string from = Figures.Invariant($"0x{start:x} {Symbol(start)}"), to = Figures.Invariant($"0x{end:x} {Symbol(end)}");
        string name = PrintableText.OfLine(line.Name);
        WriteLine(Figures.Invariant($"Line {line.Source.Line} of \"{name}\" starts at address {from} and ends at {to}."));
        _dumpAt = start;
    }

    /// <summary>An address's symbol, also at its beginning with the distance from it.</summary>
    private string Symbol(ulong address) => _session.Target.NameOf(address) is { } name
        ? Figures.Invariant($"<{name.Symbol}+{name.Offset}>") : "";

    private void InfoSymbol(string expression)
    {
        ulong address = AddressOf(expression);
        LoadedImage? image = _session.Target.ImageAt(address);
        if (image is null || _session.Target.NameOf(address) is not { } name)
        {
            WriteLine(Figures.Invariant($"No symbol matches {expression}."));
            return;
        }

        string where = image.SectionOf(address) is { } section ? $" in section {section}" : "";
        string file = image == _session.Target.Program && _session.Target.Images().Count == 1 ? ""
            : $" of {PrintableText.OfLine(image.Name)}";
        WriteLine(Figures.Invariant($"{name.Symbol}{(name.Offset > 0 ? $" + {name.Offset}" : "")}{where}{file}"));
    }

    private void InfoLibraries()
    {
        IReadOnlyList<LoadedImage> libraries = [.. _session.Target.Images().Skip(1).Where(static image => image.TextRange() is not null)];
        if (libraries.Count == 0)
        {
            WriteLine("No shared libraries loaded at this time.");
            return;
        }

        WriteLine("From                To                  Syms Read   Shared Object Library");
        bool isMissing = false;
        foreach (LoadedImage library in libraries)
        {
            (ulong start, ulong end) = library.TextRange()!.Value;
            bool hasDebug = library.Debug is not null;
            isMissing |= !hasDebug;
            string file = PrintableText.OfLine(library.Name);
            WriteLine(Figures.Invariant($"0x{start:x16}  0x{end:x16}  {(hasDebug ? "Yes         " : "Yes (*)     ")}{file}"));
        }

        if (isMissing)
            WriteLine("(*): Shared library is missing debugging information.");
    }

    private void InfoSource()
    {
        ulong? address = _session.Frame?.Address;
        LoadedImage? image = address is ulong at ? _session.Target.ImageAt(at) : null;
        if (image?.Debug?.SourceUnitAt(address!.Value - image.Bias) is not { } unit || _session.Frame is not { Source: { } source } frame)
        {
            WriteLine("No current source file.");
            return;
        }

        WriteLine($"Current source file is {frame.SourceName}");
        WriteLine($"Compilation directory is {unit.Directory}");
        if (_source.Count(source.File) is int count)
            WriteLine(Figures.Invariant($"Located in {source.File}\nContains {count} line{(count == 1 ? "" : "s")}."));
        WriteLine($"Source language is {(frame.Function?.IsCPlusPlus == true ? "c++" : "c")}.");
        WriteLine($"Producer is {unit.Producer}.");
        WriteLine(Figures.Invariant($"Compiled with DWARF {unit.Version} debugging format.\nDoes not include preprocessor macro info."));
    }

    private void InfoFrame(DebugFrame frame)
    {
        IReadOnlyList<DebugFrame> frames = _session.Frames().Frames;
        DebugFrame? caller = frames.FirstOrDefault(each => each.Level > frame.Level && each.Physical != frame.Physical);
        ulong? saved = _session.CallerOf(frame);
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
        WriteLine(Figures.Invariant($" Arglist at 0x{locals:x}, args: {_frameText.ArgumentList(frame)}"));
        WriteLine(Figures.Invariant($" Locals at 0x{locals:x}, Previous frame's sp is 0x{frame.Cfa:x}"));
        List<string> registers = [
            .. _session.SavedRegisters(frame).Select(
                static each => Figures.Invariant($"{RegisterName(each.Register)} at 0x{each.Address:x}"))];
        if (registers.Count > 0)
            WriteLine($" Saved registers:\n  {string.Join(", ", registers)}");
    }

    // In the order in which debuggers list them, with DWARF's numbers.
    private static readonly (string Name, int Number)[] s_registers =
    [
        ("rax", 0), ("rbx", 3), ("rcx", 2), ("rdx", 1), ("rsi", 4), ("rdi", 5), ("rbp", 6), ("rsp", 7), ("r8", 8), ("r9", 9), ("r10", 10),
        ("r11", 11), ("r12", 12), ("r13", 13), ("r14", 14), ("r15", 15), ("rip", 16),
    ];

    // What the kernel hands out beside those, by its place in struct user_regs_struct.
    private static readonly (string Name, int Word)[] s_special =
        [("eflags", 18), ("cs", 17), ("ss", 20), ("ds", 23), ("es", 24), ("fs", 25), ("gs", 26), ("fs_base", 21), ("gs_base", 22)];

    private static string RegisterName(int number) => HostArchitecture.Current == Architecture.X64
        ? Array.Find(s_registers, each => each.Number == number).Name ?? Figures.Invariant($"r{number}")
        : number switch { 32 => "pc", 31 => "sp", _ => Figures.Invariant($"x{number}") };

    private void InfoRegisters(DebugFrame frame, string subject)
    {
        string[] wanted = subject.Replace("$", "", StringComparison.Ordinal).Split([' ', ','], StringSplitOptions.RemoveEmptyEntries);
        bool any = false;
        for (int number = 0; number < frame.Physical.Registers.Count; number++)
        {
            int register = HostArchitecture.Current == Architecture.X64 ? s_registers[number].Number : number;
            string name = RegisterName(register);
            string common = name switch { "rip" => "pc", "rsp" => "sp", "rbp" => "fp", _ => name };
            if (wanted.Length > 0 && !wanted.Contains(name) && !wanted.Contains(common))
                continue;
            any = true;
            if (frame.Physical.Registers[register] is not ulong value)
                WriteLine($"{name,-15}<not saved>");
            else
                WriteLine($"{name,-15}{Figures.Invariant($"0x{value:x}"),-20}{Natural(name, value)}");
        }

        bool isTop = frame.Level == 0 && _session.Thread is not null && HostArchitecture.Current == Architecture.X64;
        foreach ((string name, int word) in isTop ? s_special : [])
        {
            if ((wanted.Length > 0 && !wanted.Contains(name)) || _session.Thread!.Word(word) is not ulong value)
                continue;
            any = true;
            string natural = name == "eflags" ? Flags(value) : ((long)value).ToString(CultureInfo.InvariantCulture);
            WriteLine($"{name,-15}{Figures.Invariant($"0x{value:x}"),-20}{natural}");
        }

        if (!any)
            throw new PromptException($"Invalid register `{subject}'");
    }

    private string Natural(string name, ulong value) => name switch
    {
        "rip" or "pc" => Figures.Invariant($"0x{value:x} {Symbol(value)}").TrimEnd(),
        "rsp" or "rbp" or "sp" => Figures.Invariant($"0x{value:x}"),
        _ => ((long)value).ToString(CultureInfo.InvariantCulture),
    };

    private static string Flags(ulong value)
    {
        (int Bit, string Name)[] flags =
            [(0, "CF"), (2, "PF"), (4, "AF"), (6, "ZF"), (7, "SF"), (8, "TF"), (9, "IF"), (10, "DF"), (11, "OF")];
        return $"[ {string.Concat(flags.Where(each => (value >> each.Bit & 1) != 0).Select(static each => each.Name + " "))}]";
    }
}
