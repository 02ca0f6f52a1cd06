using System.Globalization;
using Virtap.Cli.Rendering;
using Virtap.Debugging.Control;
using Virtap.Debugging.Frames;
using Virtap.Debugging.Sessions;
using Virtap.Debugging.Values;
using Virtap.Language;
using Virtap.Processes.Control;

namespace Virtap.Cli.Debug;

/// <summary>Letting the process go on, and telling why it has stopped.</summary>
internal sealed partial class Prompt
{
    private IReadOnlyList<string> _arguments;
    private bool _isStarted;

    private void Start(string rest, bool toMain)
    {
        if (_session.Inferior is { IsAlive: true } running)
        {
            if (!_isStarted)
                throw new PromptException(Figures.Invariant($"process {running.Process.Id} is being debugged: detach first"));
            if (!Ask("The program being debugged has been started already.\nStart it from the beginning?"))
                throw new PromptException("Program not restarted.");
            _session.Kill();
        }

        if (_session.Target.Process is not null)
            throw new PromptException("A core cannot be run: virtap debug -- PROGRAM starts one.");
        if (rest.Length > 0)
            _arguments = rest.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (toMain)
        {
            Breakpoint main = _session.Break("main", isTemporary: true);
            WriteLine(BreakpointText.Made(main));
        }

        if (_isTyped)
            WriteLine($"Starting program: {string.Join(' ', _arguments.Prepend(ProgramName))} ");
        StandardStreams.Output.Flush();
        _isStarted = true;
        _session.Launch(_arguments);
        // While it is started nobody can stop it; whoever has wanted that meanwhile is not to be forgotten.
        if (!_isEnding)
            Report(_session.Continue());
    }

    private void ContinueTimes(string rest)
    {
        RequireProcess();
        if (rest.Length > 0)
        {
            int count = Number(rest);
            if (_lastStop?.Breakpoint is { } at)
            {
                at.IgnoreCount = count - 1;
                if (_isTyped)
                    WriteLine(IgnoreText(at) + "  Continuing.");
            }
        }
        else if (_isTyped)
        {
            WriteLine("Continuing.");
        }

        StandardStreams.Output.Flush();
        Report(_session.Continue());
    }

    private void StepTimes(string name, string rest)
    {
        RequireProcess();
        int count = rest.Length > 0 ? Number(rest) : 1;
        for (int done = 0; done < count; done++)
        {
            StopReport report = name switch
            {
                "next" => _session.StepLine(into: false),
                "step" => _session.StepLine(into: true),
                "nexti" => _session.StepInstruction(into: false),
                _ => _session.StepInstruction(into: true),
            };
            bool isLast = done + 1 == count || report.Reason != StopReason.Stepped || _isStopAsked || _isEnding;
            Report(report, isQuiet: !isLast);
            if (isLast && done + 1 < count)
                break;
        }
    }

    private void Finish()
    {
        RequireProcess();
        DebugFrame frame = _session.Frame ?? throw new PromptException("No stack.");
        if (_session.Frames().Frames.Count <= _session.FrameNumber + 1)
            throw new PromptException("\"finish\" not meaningful in the outermost frame.");
        if (_isTyped)
            WriteLine($"Run till exit from {_frameText.Numbered(frame)}");
        StandardStreams.Output.Flush();
        if (_session.Finish() is not { } report)
            throw new PromptException("\"finish\" not meaningful in the outermost frame.");
        Report(report);
    }

    private void Until(string name, string rest)
    {
        RequireProcess();
        if (rest.Length == 0 && name == "advance")
            throw new PromptException("Argument required (a location).");
        // Where it was sent, it is shown with its frame, be it the same.
        Report(rest.Length == 0 ? _session.UntilNext() : _session.Advance(rest) with { IsSameFrame = false });
    }

    private void GiveSignal(string rest)
    {
        RequireProcess();
        int signal = rest == "0" ? 0 : Signals.Find(rest) ?? throw new PromptException($"there is no signal '{rest}'");
        WriteLine(signal == 0 ? "Continuing with no signal." : $"Continuing with signal {Signals.NameOf(signal)}.");
        StandardStreams.Output.Flush();
        Inferior.Give(_session.Thread!, signal);
        Report(_session.Continue());
    }

    private void Detach()
    {
        Inferior inferior = RequireProcess();
        int id = inferior.Process.Id;
        string program = ProgramName;
        _session.Detach();
        _isStarted = false;
        WriteLine(Figures.Invariant($"Detaching from program: {program}, process {id}"));
        WriteLine(Figures.Invariant($"[Inferior 1 (process {id}) detached]"));
    }

    private void Kill()
    {
        Inferior inferior = RequireProcess();
        if (!Ask("Kill the program being debugged?"))
            throw new PromptException("Not confirmed.");
        int id = inferior.Process.Id;
        _session.Kill();
        _isStarted = false;
        WriteLine(Figures.Invariant($"[Inferior 1 (process {id}) killed]"));
    }

    private Inferior RequireProcess() => _session.Inferior is { IsAlive: true } inferior ? inferior
        : throw new PromptException("The program is not being run.");

    private StopReport? _lastStop;

    /// <summary>Tells why the process has stopped, shows where, and does what is to be done at its breakpoint.</summary>
    private void Report(StopReport report, bool isQuiet = false)
    {
        _lastStop = report;
        if (_isEnding)
            return;
        switch (report.Reason)
        {
            case StopReason.Exited:
                string how = report.Number == 0 ? "normally" : $"with code {Convert.ToString(report.Number, 8).PadLeft(2, '0')}";
                WriteLine(Figures.Invariant($"[Inferior 1 (process {_lastProcess}) exited {how}]"));
                _isStarted = false;
                return;
            case StopReason.Killed:
                WriteLine($"\nProgram terminated with signal {Signals.NameOf(report.Number)}, {Signals.MeaningOf(report.Number)}.");
                WriteLine("The program no longer exists.");
                _isStarted = false;
                return;
        }

        TracedThread thread = report.Thread!;
        IReadOnlyList<string> commands = report.Breakpoint?.Commands ?? [];
        bool isSilent = commands is [var first, ..] && first.Trim() == "silent";
        if (report.ConditionError is { } error)
            Complain(Figures.Invariant($"Error in testing condition for breakpoint {report.Breakpoint!.Number}:\n{error}"));
        if (!isSilent && !isQuiet)
        {
            if (report.IsOtherThread)
                WriteLine($"[Switching to {TargetId(thread)}]");
            Announce(report, thread);
            ShowFrame(isWhole: !report.IsSameFrame);
            if (report is { Reason: StopReason.Finished, Returned: { } value })
                ShowReturned(value);
            ShowDisplays();
        }

        foreach (string command in isSilent ? commands.Skip(1) : commands)
        {
            if (_isEnding || _isDone)
                break;
            Execute(command);
        }
    }

    private void Announce(StopReport report, TracedThread thread)
    {
        bool hasThreads = _session.Inferior!.IsMultiThreaded;
        string who = Who(thread);
        string hit = hasThreads ? who + " hit " : "";
        switch (report.Reason)
        {
            case StopReason.Breakpoint:
                string kind = report.Breakpoint!.IsTemporary ? "Temporary breakpoint" : "Breakpoint";
                WriteText(Figures.Invariant($"\n{hit}{kind} {report.Breakpoint.Number}{LocationSuffix(report.Breakpoint, thread)}, "));
                break;
            case StopReason.Watchpoint:
                WriteLine($"\n{hit}Watchpoint {report.Breakpoint!.Number}: {report.Breakpoint.Text}\n");
                WriteLine($"Old value = {report.Change.Old}\nNew value = {report.Change.New}");
                break;
            case StopReason.WatchScopeLeft:
                WriteLine($"\n{hit}Watchpoint {report.Breakpoint!.Number} deleted because the program has left the block in");
                WriteLine("which its expression is valid.");
                break;
            case StopReason.Signal:
                WriteLine($"\n{who} received signal {Signals.NameOf(report.Number)}, {Signals.MeaningOf(report.Number)}.");
                break;
            case StopReason.Interrupted:
                WriteLine($"\n{who} received signal SIGINT, Interrupt.");
                break;
        }
    }

    /// <summary>Of a breakpoint at several places the one that a thread is at.</summary>
    private static string LocationSuffix(Breakpoint breakpoint, TracedThread thread)
    {
        int number = breakpoint.Locations.Count > 1
            ? breakpoint.Locations.ToList().FindIndex(each => each.Address == thread.Address) + 1 : 0;
        return number > 0 ? Figures.Invariant($".{number}") : "";
    }

    /// <summary>Shows the frame that is looked at: the frame and its line, or the line alone.</summary>
    private void ShowFrame(bool isWhole)
    {
        if (_session.Frame is not { } frame)
            return;
        _lastProcess = _session.Inferior?.Process.Id ?? _lastProcess;
        if (isWhole || frame.Source is null)
            WriteLine(_frameText.Line(frame));
        if (frame.Source is { } source)
        {
            WriteLine(isWhole ? _source.Line(frame.SourceName, source) : _source.OfFrame(frame));
            _session.Listed = source;
            _lastListed = null;
        }
    }

    private int _lastProcess;

    private void ShowReturned(Value value)
    {
        string text = _session.Expressions.Text(value, _session.Options);
        WriteLine(Figures.Invariant($"Value returned is ${_session.Expressions.Keep(value, text).Number} = {text}"));
    }

    private void Notice(InferiorNews news)
    {
        switch (news)
        {
            case ThreadBornNews { Thread: { } born }:
                WriteLine($"[New {TargetId(born)}]");
                break;
            case ThreadEndedNews { Thread: { } ended }:
                WriteLine(Figures.Invariant($"[Thread LWP {ended.Id} exited]"));
                break;
            case ForkNews fork:
                WriteLine(Figures.Invariant($"[Detaching after {(fork.IsVFork ? "vfork" : "fork")} from child process {fork.ChildId}]"));
                break;
            case ExecutedNews:
                WriteLine(Figures.Invariant(
                    $"process {_session.Inferior!.Process.Id} is executing new program: {ProgramName}"));
                break;
            case SignalNews { Thread: { } thread } signal:
                WriteLine($"\n{Who(thread)} received signal {Signals.NameOf(signal.Signal)}, {Signals.MeaningOf(signal.Signal)}.");
                break;
        }
    }

    private string Who(TracedThread thread) => _session.Inferior!.IsMultiThreaded
        ? Figures.Invariant($"Thread {thread.Number} \"{NameOf(thread)}\"") : "Program";

    /// <summary>A thread's name, which the process chooses: what it holds makes no line of its own.</summary>
    private static string NameOf(TracedThread thread) => PrintableText.OfLine(thread.Name);

    private string ProgramName => PrintableText.OfLine(_session.Target.ProgramName);

    private static string TargetId(TracedThread thread) => thread is { IsStopped: true, ThreadPointer: > 0 and ulong pointer }
        ? Figures.Invariant($"Thread 0x{pointer:x} (LWP {thread.Id})") : Figures.Invariant($"Thread (LWP {thread.Id})");

    private static int Number(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number)
        ? number : throw new PromptException($"a number is wanted, not '{text}'");
}
