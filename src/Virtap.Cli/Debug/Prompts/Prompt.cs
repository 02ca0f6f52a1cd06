using Virtap.Cli.Commands;
using Virtap.Cli.Rendering;
using Virtap.Debugging.Control;
using Virtap.Debugging.Sessions;
using Virtap.Language;
using Virtap.Processes.Cores;
using static Virtap.Cli.Debug.Prompts.CommandArguments;
using static Virtap.Cli.Debug.Prompts.PromptOutput;

namespace Virtap.Cli.Debug.Prompts;

/// <summary>A command, or a file of commands, to begin with.</summary>
internal sealed record StartCommand(string Text, bool IsFile);

/// <summary>The prompt: reads commands, and has those carry them out whose they are. What it says is in gdb's words.</summary>
internal sealed class Prompt : ILineExecutor
{
    private readonly DebugSession _session;
    private readonly Interruption _interruption = new();
    private readonly PromptConsole _console;
    private readonly FrameView _view;
    private readonly StopReporter _stops;
    private readonly RunCommands _running;
    private readonly CommandTable _commands;
    private readonly CommandCompletion _completion;
    private bool _hasFailed;
    private string _lastCommand = "";

    /// <summary>Begins a session's prompt.</summary>
    /// <param name="session">The session.</param>
    /// <param name="arguments">What the program is started with.</param>
    public Prompt(DebugSession session, IReadOnlyList<string> arguments)
    {
        _session = session;
        _console = new PromptConsole(line => _completion!.Of(line));
        _view = new FrameView(session);
        var memory = new MemoryView(session, _interruption);
        var displays = new DisplayList(session, _console, memory);
        _stops = new StopReporter(session, _interruption, _view, displays, this);
        session.Noticed = _stops.Notice;
        _running = new RunCommands(session, _console, _interruption, _view, _stops, arguments);
        _commands = new CommandTable(All(memory, displays));
        _completion = new CommandCompletion(_commands, session);
    }

    /// <summary>Ctrl-C: a process that runs is stopped; whatever else goes on is broken off.</summary>
    public void Interrupt()
    {
        _interruption.Stop();
        _session.Interrupt();
    }

    /// <summary>Ends the session as soon as the process has stopped, which is then let go.</summary>
    public void End()
    {
        _interruption.End();
        _session.Interrupt();
        _console.Wake();
    }

    /// <summary>Runs the session to its end.</summary>
    /// <param name="start">Commands to begin with.</param>
    /// <param name="isBatch">Whether that is all.</param>
    /// <returns>The exit status.</returns>
    public int Run(IReadOnlyList<StartCommand> start, bool isBatch)
    {
        Greet();
        foreach (StartCommand each in start)
        {
            if (_interruption.IsOver)
                break;
            if (each.IsFile)
                ExecuteFile(each.Text);
            else
                ExecuteLine(each.Text, isTyped: !isBatch);
        }

        while (!isBatch && !_interruption.IsOver)
        {
            if (_console.ReadCommand() is not { } line || _interruption.IsEnding)
                break;
            // An empty line is the last command once more.
            if (line.Trim().Length == 0)
                line = _lastCommand;
            ExecuteLine(line, isTyped: true);
        }

        _running.Leave();
        return isBatch && _hasFailed ? ExitStatus.Failure : ExitStatus.Success;
    }

    /// <inheritdoc/>
    public void Execute(string line)
    {
        line = line.Trim();
        if (line.Length == 0 || line[0] == '#')
            return;
        int end = 0;
        while (end < line.Length && (char.IsLetterOrDigit(line[end]) || line[end] is '_' or '-'))
            end++;
        string word = line[..end], rest = line[end..].Trim();
        if (word.Length > 1 && word[0] == 'x' && word[1..].All(char.IsAsciiDigit))
            (word, rest) = ("x", word[1..] + rest);
        if (word is "call" or "return" or "jump")
            throw new PromptException($"{word} is not there: nothing of the target is written, its registers neither");
        IReadOnlyList<PromptCommand> found = _commands.Find(word);
        if (found is not [var command])
            throw new PromptException(
                found.Count == 0 || word.Length == 0 ? $"Undefined command: \"{(word.Length > 0 ? word : line)}\".  Try \"help\"."
                    : $"Ambiguous command \"{line}\": {string.Join(", ", found.Select(static each => each.Name))}.");
        _lastCommand = command.Name is "list" or "x" ? command.Name : line;
        command.Execute(rest);
    }

    /// <inheritdoc/>
    public void ExecuteFile(string path)
    {
        string[] lines = File.ReadAllLines(path);
        Queue<string> left = _console.EnterFile(lines);
        try
        {
            while (!_interruption.IsOver && left.TryDequeue(out string? line))
            {
                // As in gdb, a file ends at its first error.
                if (!ExecuteLine(line, isTyped: false, Figures.Invariant($"{path}:{lines.Length - left.Count}")))
                    break;
            }
        }
        finally
        {
            _console.LeaveFile();
        }
    }

    /// <summary>Carries out a line; what is wrong with it is told.</summary>
    /// <param name="line">The line.</param>
    /// <param name="isTyped">Whether somebody types, who is told what is being done.</param>
    /// <param name="location">Where in a file of commands it stands; null for nowhere.</param>
    /// <returns>Whether nothing was wrong.</returns>
    private bool ExecuteLine(string line, bool isTyped, string? location = null)
    {
        bool before = _console.IsTyped;
        _console.IsTyped = isTyped;
        _interruption.Forget();
        _session.ForgetInterrupt();
        // In this order: who ends the session says so first and interrupts then.
        if (_interruption.IsEnding)
            return false;
        try
        {
            Execute(line);
            _hasFailed = false;
            return true;
        }
        catch (Exception e) when (PromptException.Reason(e) is { } reason)
        {
            if (location is not null)
                Complain($"{location}: Error in sourced command file:");
            Complain(reason);
            _hasFailed = true;
            return false;
        }
        finally
        {
            _console.IsTyped = before;
            Flush();
        }
    }

    private void Greet()
    {
        if (_session.Target.Program.Debug is null)
            WriteLine(_session.Target.Program.Problem is { } problem ? $"warning: {problem}"
                : $"(No debugging symbols found in {_stops.ProgramName})");
        if (_session.Inferior is { } inferior)
        {
            WriteLine(Figures.Invariant($"Attaching to process {inferior.Process.Id}"));
            _view.Show(isWhole: true);
        }
        else if (_session.Target.Process is CoreProcess core)
        {
            if (core.CommandLine.Count > 0)
                WriteLine($"Core was generated by `{PrintableText.OfLine(string.Join(' ', core.CommandLine))}'.");
            if (core.Signal is int signal)
                WriteLine($"Program terminated with signal {Signals.NameOf(signal)}, {Signals.MeaningOf(signal)}.");
            if (_session.Frame is { } frame)
                _view.ShowNumbered(frame, hasAddress: true);
        }
    }

    private void Help(string rest)
    {
        IReadOnlyList<PromptCommand> found = rest.Length == 0 ? _commands.All : _commands.Find(rest);
        if (found.Count == 0)
            throw new PromptException($"Undefined command: \"{rest}\".  Try \"help\".");
        foreach (PromptCommand each in found)
            WriteLine($"{each.Name} {each.Help}");
    }

    /// <summary>The commands, in the order of the help.</summary>
    private PromptCommand[] All(MemoryView memory, DisplayList displays)
    {
        RunCommands running = _running;
        var breakpoints = new BreakpointCommands(_session, _console, displays);
        var signals = new SignalCommands(_session, _console);
        var values = new ValueCommands(_session);
        var source = new SourceCommands(_session, _view);
        var stack = new StackCommands(_session, _interruption, _view, this);
        var settings = new SettingCommands(_session, _console, source);
        var code = new CodeInfo(_session, _view, memory);
        var registers = new RegisterTable(_session, memory);
        var info = new InfoCommands(_session, _view, stack, breakpoints, signals, displays, code, registers, new SymbolListing(_session));
        return
        [
            new(
                "break", "PLACE [thread N] [if COND]: stop there; PLACE is FUNCTION, FILE:LINE, LINE, +N, *ADDRESS",
                rest => breakpoints.Break(rest, isTemporary: false)),
            new("tbreak", "as break, once", rest => breakpoints.Break(rest, isTemporary: true)),
            new("watch", "EXPR: stop when its value changes; the process is stepped for it, which is slow", breakpoints.Watch),
            new("condition", "N COND: breakpoint N stops only where COND is true; without COND always", breakpoints.Condition),
            new("ignore", "N COUNT: the next COUNT hits of breakpoint N do not stop", breakpoints.Ignore),
            new("commands", "[N]: what is done when breakpoint N stops the process, up to a line with end", breakpoints.Commands),
            new("delete", "[N...]: breakpoints, all without a number; delete display N", breakpoints.Delete),
            new("clear", "PLACE: delete the breakpoints there", breakpoints.Clear),
            new("enable", "[N...]: breakpoints; enable display N", rest => breakpoints.Enable(rest, isEnabled: true)),
            new("disable", "[N...]: breakpoints; disable display N", rest => breakpoints.Enable(rest, isEnabled: false)),
            new("run", "[ARGS]: start the program", running.Run),
            new("start", "as run, to main", running.Start),
            new("continue", "[COUNT]: go on; with COUNT the breakpoint it is at is ignored COUNT-1 times", running.Continue),
            new("next", "[COUNT]: to the next line, over calls", running.Next),
            new("step", "[COUNT]: to the next line, into calls", running.Step),
            new("nexti", "[COUNT]: one instruction, over calls", running.NextInstruction),
            new("stepi", "[COUNT]: one instruction", running.StepInstruction),
            new("finish", "until this frame returns; prints what it returned", _ => running.Finish()),
            new("until", "[PLACE]: to a line behind this one, or to PLACE", running.Until),
            new("advance", "PLACE: to PLACE, or until this frame returns", running.Advance),
            new("print", "[/FMT] EXPR", values.Print),
            new("output", "[/FMT] EXPR: as print, without number and newline", values.Output),
            new("printf", "\"FORMAT\", EXPR...: as in C", values.Printf),
            new("echo", "TEXT", ValueCommands.Echo),
            new("display", "[/FMT] [EXPR]: print it at each stop", displays.Display),
            new("undisplay", "[N...]", displays.Delete),
            new("x", "/FMT ADDRESS: memory; FMT is a count, one of xduotacfsiz, one of bhwg", memory.Examine),
            new("ptype", "[/o] TYPE or EXPR", values.Define),
            new("whatis", "TYPE or EXPR", values.WhatIs),
            new("list", "[PLACE], FIRST,LAST, -: source lines", source.List),
            new("disassemble", "[/r] [ADDRESS[,END]]: machine code of a function", memory.Disassemble),
            new("backtrace", "[full] [N|-N]: the calls; bt, where", stack.Backtrace),
            new("frame", "[N]", stack.Frame),
            new("up", "[N]", stack.Up),
            new("down", "[N]", stack.Down),
            new("thread", "[N], apply N...|all COMMAND", stack.Thread),
            new(
                "info", "args, breakpoints, display, frame, line, locals, registers, sharedlibrary, signals, source, symbol, threads",
                info.Info),
            new("handle", "SIGNAL [no]stop [no]print [no]pass", signals.Handle),
            new("signal", "SIGNAL: go on with this signal; 0 for none", running.GiveSignal),
            new("set", "print SETTING VALUE, listsize N; variables of the target are not written", settings.Set),
            new("show", "print SETTING", settings.Show),
            new("source", "FILE: run commands from it", rest => ExecuteFile(Given(rest))),
            new("detach", "let the process go on, without breakpoints", _ => running.Detach()),
            new("kill", "end the process", _ => running.Kill()),
            new("quit", "end the debugger; a process that was attached to goes on", _ => _interruption.Quit()),
            new("help", "[COMMAND]", Help),
        ];
    }
}
