using System.Globalization;
using Virtap.Cli.Rendering;
using Virtap.Debugging.Control;
using Virtap.Debugging.Locations;
using Virtap.Debugging.Sessions;
using Virtap.Debugging.Syntax;
using Virtap.Processes.Control;
using Virtap.Processes.Cores;

namespace Virtap.Cli.DebugAdapter;

/// <summary>Breakpoints, steps, and what comes of them.</summary>
internal sealed partial class AdapterServer
{
    private readonly Dictionary<string, List<Breakpoint>> _ofFile = new(StringComparer.Ordinal);
    private readonly List<Breakpoint> _ofFunctions = [];

    private bool HandleBreakpoints(AdapterRequest request)
    {
        switch (request.Command)
        {
            case "setBreakpoints":
                SetBreakpointsArguments lines = request.Read(AdapterMessages.Default.SetBreakpointsArguments);
                string path = lines.Source?.Path ?? throw new AdapterException("breakpoints are set in files that have a path");
                if (!_ofFile.TryGetValue(path, out List<Breakpoint>? known))
                    _ofFile[path] = known = [];
                Answer(Replace(
                    known, lines.Breakpoints ?? [], each => Figures.Invariant($"{path}:{each.Line + 1 - _firstLine}"), lines.Source));
                break;
            case "setFunctionBreakpoints":
                SetFunctionBreakpointsArguments functions = request.Read(AdapterMessages.Default.SetFunctionBreakpointsArguments);
                Answer(Replace(_ofFunctions, functions.Breakpoints ?? [], static each => each.Name ?? "", null));
                break;
            case "setExceptionBreakpoints":
                // There are no filters: signals stop as gdb has it.
                Answer([]);
                break;
            default:
                return false;
        }

        return true;

        void Answer(IReadOnlyList<BreakpointInfo> infos) =>
            stream.Answer(request, new BreakpointList(infos), AdapterMessages.Default.BreakpointList);
    }

    private List<BreakpointInfo> Replace(
        List<Breakpoint> known, IReadOnlyList<WantedBreakpoint> wanted, Func<WantedBreakpoint, string> location, SourceInfo? source)
    {
        DebugSession session = Session;
        known.ForEach(session.Delete);
        known.Clear();
        List<BreakpointInfo> infos = [];
        foreach (WantedBreakpoint each in wanted)
        {
            try
            {
                if (each.LogMessage is { Length: > 0 })
                    throw new AdapterException("messages in place of a stop are not offered here: virtap watch has them");
                int? hits = HitCount(each.HitCondition);
                Breakpoint made = session.Break(location(each), isTemporary: false, each.Condition is { Length: > 0 } given ? given : null);
                made.IgnoreCount = (hits ?? 1) - 1;
                known.Add(made);
                infos.Add(Info(made, source));
            }
            catch (Exception e) when (e is LocationException or ExpressionException or AdapterException)
            {
                infos.Add(new BreakpointInfo(null, false, e.Message, source, source is null ? null : each.Line));
            }
        }

        return infos;
    }

    private static int? HitCount(string? condition) => string.IsNullOrWhiteSpace(condition) ? null
        : int.TryParse(condition.AsSpan().Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number > 0
            ? number : throw new AdapterException($"a hit condition is the number of the first hit that stops, not '{condition}'");

    private BreakpointInfo Info(Breakpoint breakpoint, SourceInfo? source)
    {
        if (breakpoint.Locations is not [var first, ..])
            return new BreakpointInfo(breakpoint.Number, false, "there is no such place yet", source);
        return first.Line is { } line
            ? new BreakpointInfo(breakpoint.Number, true, null, SourceOf(line.Source.File), line.Source.Line - 1 + _firstLine)
            : new BreakpointInfo(breakpoint.Number, true, null, source);
    }

    private bool HandleExecution(AdapterRequest request)
    {
        if (request.Command is not ("continue" or "next" or "stepIn" or "stepOut" or "pause"))
            return false;
        if (request.Command == "pause")
        {
            RequireProcess();
            stream.Answer(request);
            if (_isGoing)
            {
                _resume = null;
                Stopped(new StopReport(StopReason.Interrupted, Session.Thread));
            }

            return true;
        }

        ThreadArguments arguments = request.Read(AdapterMessages.Default.ThreadArguments);
        Inferior inferior = RequireProcess();
        if (request.Command == "continue")
        {
            stream.Answer(request, new Continued(), AdapterMessages.Default.Continued);
            Resume(Session.Continue);
            return true;
        }

        Session.Select(inferior.Threads.FirstOrDefault(each => each.Id == arguments.ThreadId)
            ?? throw new AdapterException(Figures.Invariant($"there is no thread {arguments.ThreadId}")));
        bool isInstruction = arguments.Granularity == "instruction";
        Func<StopReport> step = request.Command switch
        {
            "next" => isInstruction ? () => Session.StepInstruction(into: false) : () => Session.StepLine(into: false),
            "stepIn" => isInstruction ? () => Session.StepInstruction(into: true) : () => Session.StepLine(into: true),
            _ => Session.Frames().Frames.Count > 1 ? () => Session.Finish()!
                : throw new AdapterException("there is nothing to step out to: this is the outermost frame"),
        };
        stream.Answer(request);
        Resume(step);
        return true;
    }

    private Inferior RequireProcess() => Session.Inferior is { IsAlive: true } inferior ? inferior
        : throw new AdapterException(Session.Target.Process is CoreProcess ? "a core does not run" : "the process has ended");

    private void Notice(InferiorNews news)
    {
        switch (news)
        {
            case ThreadBornNews { Thread: { } born }:
                _threads = [.. _threads, new ThreadInfo(born.Id, born.Name)];
                SendEvent("thread", new ThreadEvent("started", born.Id), AdapterMessages.Default.ThreadEvent);
                break;
            case ThreadEndedNews { Thread: { } ended }:
                _threads = [.. _threads.Where(each => each.Id != ended.Id)];
                SendEvent("thread", new ThreadEvent("exited", ended.Id), AdapterMessages.Default.ThreadEvent);
                break;
            case ForkNews fork:
                string how = fork.IsVFork ? "vfork" : "fork";
                SendOutput("console", Figures.Invariant($"[Detaching after {how} from child process {fork.ChildId}]\n"));
                break;
            case ExecutedNews:
                SendOutput("console", $"[{Session.Target.ProgramName} is executed]\n");
                break;
            case SignalNews { Thread: { } thread } signal:
                SendOutput("console", Figures.Invariant(
                    $"Thread {thread.Id} received signal {Signals.NameOf(signal.Signal)}, {Signals.MeaningOf(signal.Signal)}.\n"));
                break;
        }
    }

    /// <summary>Tells the client why the process does not run any more.</summary>
    private void Stopped(StopReport? report)
    {
        _isGoing = false;
        if (_isEnding || report is null)
            return;
        if (report.Reason is StopReason.Exited or StopReason.Killed)
        {
            _isStarted = false;
            _threads = [];
            bool isKilled = report.Reason == StopReason.Killed;
            if (isKilled)
                SendOutput(
                    "console", $"Program terminated with signal {Signals.NameOf(report.Number)}, {Signals.MeaningOf(report.Number)}.\n");
            int status = isKilled ? KilledStatus + report.Number : report.Number;
            SendEvent("exited", new ExitedEvent(status), AdapterMessages.Default.ExitedEvent);
            SendEvent("terminated", new Nothing(), AdapterMessages.Default.Nothing);
            return;
        }

        if (report.ConditionError is { } error)
            SendOutput("stderr", Figures.Invariant($"Error in testing condition for breakpoint {report.Breakpoint!.Number}: {error}\n"));
        _threads = Threads();
        _returned = report.Returned;
        SendEvent("stopped", Stop(report), AdapterMessages.Default.StoppedEvent);
    }

    private StoppedEvent Stop(StopReport report)
    {
        int? thread = report.Thread?.Id;
        return report.Reason switch
        {
            StopReason.Breakpoint => new StoppedEvent(
                _ofFunctions.Contains(report.Breakpoint!) ? "function breakpoint" : "breakpoint", thread,
                HitBreakpointIds: [report.Breakpoint!.Number]),
            StopReason.Signal => new StoppedEvent(
                "exception", thread, Description: Signals.NameOf(report.Number), Text: Signals.MeaningOf(report.Number)),
            StopReason.Interrupted => new StoppedEvent("pause", thread),
            _ => new StoppedEvent("step", thread),
        };
    }
}
