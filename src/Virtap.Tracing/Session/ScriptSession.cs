using Virtap.Bpf.Features;
using Virtap.Bpf.Kernel;
using Virtap.Bpf.Programs;
using Virtap.Bpf.Specs;
using Virtap.Language.Binding;
using Virtap.Processes;
using Virtap.Processes.Commands;
using Virtap.Tracing.Evaluation;
using Virtap.Tracing.Lowering.Tree;
using Virtap.Tracing.Memory;
using Virtap.Tracing.Output;
using Virtap.Tracing.Probes;
using Virtap.Tracing.Session.Globals;
using Virtap.Tracing.Session.Processes;

namespace Virtap.Tracing.Session;

/// <summary>
/// A script on its way from a lowered program to its end. In this order, each once: <see cref="Translate"/> (pass 3), <see cref="Load"/> (pass 4), <see cref="Start"/> (pass 5:
/// begin probes, then all others are attached), <see cref="Run"/> (until something ends it; end probes, warnings). Whatever was begun is undone by <see cref="Dispose"/>, and
/// by the kernel if this process is killed. A script without probes in programs runs without any help of the kernel, and without privileges.
/// </summary>
public sealed partial class ScriptSession : IDisposable
{
    private readonly LoweredProgram _program;
    private readonly SessionOptions _options;
    private readonly Waiter _waiter = new();
    private readonly ProbeLinks _links = new();
    private readonly TimerQueue _timers = new();
    private readonly List<ProbeBinding<ProcessEventTarget>> _processBindings;
    private List<HandlerProgram> _handlers = [];
    private SessionPrograms? _programs;
    private SessionMemory _memory = null!;
    private InProcessHandlers _own = null!;
    private RecordPrinter _printer = null!;
    private ProcessWatch? _watch;
    private ProcessTracker? _tracker;
    private ProbeTimes? _times;
    private SessionSignals? _signals;
    private volatile bool _isTold;

    /// <summary>Takes a program; nothing happens yet.</summary>
    /// <exception cref="IOException">The system has no descriptor left.</exception>
    public ScriptSession(LoweredProgram program, SessionOptions options)
    {
        _program = program;
        _options = options;
        _processBindings = ProbeBinding<ProcessEventTarget>.In(program);
    }

    /// <summary>Places in code that are probed; known once started.</summary>
    public int Sites => _links.Sites;

    /// <summary>Links that probe them.</summary>
    public int Links => _links.Count;

    /// <summary>Places that the kernel refused to probe; warnings about them have been printed.</summary>
    public IReadOnlyList<AttachFailure> AttachFailures => _links.Failures;

    private IEnumerable<PrintedGlobal> UnreadGlobals =>
        _program.Globals.Where(g => g.IsPrintedAtEnd).Select(g => new PrintedGlobal(g.Name, g.Type, g.Offset, g.Array));

    /// <summary>
    /// Begins to find out, on another thread, what the kernel offers: it takes milliseconds (its types alone are megabytes) that the first two passes can share. To be called
    /// once it is likely that a script will be run; nothing is lost if it is not.
    /// </summary>
    public static void Prepare(KernelFeatures features) => ThreadPool.UnsafeQueueUserWorkItem(
        static f => _ = f.Privilege.Present && f.PreemptionControl.Present && f.UprobeMulti.Present && f.Loop.Present, features, preferLocal: false);

    /// <summary>What was chosen of what the kernel offers, a line each, for who wants to know how probes work here; known once translated.</summary>
    public IEnumerable<string> Describe()
    {
        if (_handlers.Count == 0)
        {
            yield return "no probes in programs: everything runs in this process, and the kernel is not needed";
            yield break;
        }

        KernelFeatures features = _options.Features;
        yield return _handlers.TrueForAll(h => h.Attachment == UprobeAttachment.Multi)
            ? "one link for many places (uprobe_multi)"
            : $"a perf event for each place; {features.UprobeMulti.Name}: {(features.UprobeMulti.Present ? "not for one process before kernel 6.10" : features.UprobeMulti.Fallback)}";
        foreach (KernelFeature feature in (KernelFeature[])[features.PreemptionControl, features.Loop])
            yield return feature.Present ? feature.Name : $"no {feature.Name} (kernel {feature.Since}): {feature.Fallback}";
        yield return $"{_program.Layout.AddressableBytes >> 10} KB of memory shared with programs, a ring of {SessionPrograms.RingBytes(_options) >> 10} KB";
    }

    /// <summary>Pass 3: makes eBPF of the handlers that run in targets. No kernel object is made but for trying what the kernel offers.</summary>
    /// <returns>The programs, in the script's order.</returns>
    /// <exception cref="SessionException">Some handler has no form in eBPF, or none on this kernel.</exception>
    public IReadOnlyList<ProgramSpec> Translate()
    {
        _handlers = new HandlerTranslator(_program, _options).Translate();
        return [.. _handlers.Select(h => h.Spec)];
    }

    /// <summary>Pass 4: makes the session's memory and has the programs loaded.</summary>
    /// <exception cref="SessionException">The kernel refused; the message says what and why.</exception>
    public void Load()
    {
        try
        {
            if (_handlers.Count > 0)
            {
                _programs = new SessionPrograms(_program, _handlers, _options);
                _memory = _programs.Memory;
            }
            else
            {
                _memory = new SessionMemory(_program, null);
            }

            if (_processBindings.Count > 0 && PidNamespace.Own is not null)
                throw new SessionException("process.begin and process.end are " + PidNamespace.NotSupported);
            if (_processBindings.Count > 0)
                _watch = new ProcessWatch();
            if (_options.ReportsTiming)
                _times = new ProbeTimes(_handlers.Count > 0);
        }
        catch (BpfException e)
        {
            throw new SessionException(e.Message, e);
        }

        _memory.View.Word(SessionCells.MaxErrors) = _options.MaxErrors;
        _memory.View.Word(SessionCells.Target) = _options.TargetProcess;
        _memory.View.Word(SessionCells.RealtimeOffset) = SessionClocks.RealtimeOffset();
        _memory.View.Word(SessionCells.CyclesPerNanosecond) = SessionClocks.CyclesPerNanosecond();
        _printer = new RecordPrinter(_program, _options.Output, _options.Errors) { SuppressesWarnings = _options.SuppressesWarnings };
        _own = new InProcessHandlers(_program, _memory.View, _printer, _times);
    }

    /// <summary>
    /// Begins pass 5: runs the begin probes; then, unless they ended the session, attaches all others and lets the command of -c go. When it returns, probes fire.
    /// </summary>
    /// <exception cref="SessionException">Not one of the places could be probed.</exception>
    public void Start()
    {
        if (_options.StopsOnSignals)
            _signals = new SessionSignals(Stop);
        _own.RunAll(LifecycleEvent.Begin);
        _options.Output.Flush();
        if (_isTold || _memory.State != SessionState.Starting)
            return;
        try
        {
            Attach();
        }
        catch (BpfException e)
        {
            throw new SessionException(e.Message, e);
        }

        long now = SessionClocks.Now();
        foreach (ProbeBinding<TimerTarget> timer in ProbeBinding<TimerTarget>.In(_program))
            _timers.Start(timer, now);
        _memory.TryAdvance(SessionState.Starting, SessionState.Running);
        _tracker?.TakeLiving(except: _options.Command?.ProcessId ?? 0);
        _options.Command?.Release();
    }

    /// <summary>Runs until the script, an error, a signal, the time limit or the end of the command of -c ends it; then ends it in good order.</summary>
    public SessionResult Run()
    {
        if (_memory.State == SessionState.Running)
            WaitForEnd();
        return Finish();
    }

    /// <summary>What the script's globals hold now; from any thread, once loaded and until disposed of.</summary>
    /// <exception cref="SessionException">Handlers have not let it look for half a second.</exception>
    public GlobalsSnapshot TakeSnapshot() =>
        GlobalsSnapshot.Take(_memory.View, _program.Globals, TimeSpan.FromMilliseconds(500)) ?? throw new SessionException("the script's globals cannot be read: its handlers hold them without end");

    /// <summary>Ends a session that starts or runs, as exit() does; from any thread.</summary>
    public void Stop()
    {
        _isTold = true;
        _waiter.Wake();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _signals?.Dispose();
        _times?.Dispose();
        _links.Dispose();
        _watch?.Dispose();
        if (_programs is not null)
            _programs.Dispose();
        else
            _memory?.Dispose();
        _waiter.Dispose();
    }

    private void Attach()
    {
        // Of several probes on one place the kernel runs the one that came last first; so they run in the script's order.
        for (int i = _handlers.Count - 1; i >= 0; i--)
            _links.Attach(_programs!.Programs[i], _handlers[i].Handler.Targets);
        if (_links.Failures.Count > 0)
            ReportFailures();
        if (_watch is null)
            return;
        _tracker = new ProcessTracker(_processBindings, _options.TargetProcess, (binding, process, thread, name) =>
            _own.Run(binding.Handler, new ProcessEventContext(process, thread, name, binding.Site)));
        _watch.Attach();
    }

    /// <summary>A place that cannot be probed is a warning, as with SystemTap, while there are others that can.</summary>
    private void ReportFailures()
    {
        if (_links.Sites == 0)
            throw new SessionException(string.Join('\n', _links.Failures));
        foreach (AttachFailure failure in _links.Failures)
            _options.Errors.Write($"WARNING: {failure}\n");
        _options.Errors.Flush();
    }

    private SessionResult Finish()
    {
        if (!_memory.TryAdvance(SessionState.Running, SessionState.Stopping))
            _memory.TryAdvance(SessionState.Starting, SessionState.Stopping);
        _links.Dispose();
        _watch?.Detach();
        WaitForHandlers();
        while (DrainRing())
        {
        }

        _own.RunAll(LifecycleEvent.End);
        // As SystemTap has it, what prints them is one more end probe.
        if (_options.PrintsUnreadGlobals && _memory.State == SessionState.Stopping)
            GlobalPrinter.Print(_memory.View, _program.Layout, UnreadGlobals, _options.Output);
        _own.RunAll(LifecycleEvent.Error);
        _times?.Write(_program, _programs, _options.Output);
        _options.Output.Flush();
        CommandExit? command = ReportCommand();
        LossCounts losses = LossCounts.Read(_memory.View.All) with
        {
            MissedByKernel = _programs?.MissedHits ?? 0,
            CorruptRecords = _printer.CorruptRecords,
        };
        LossReport.Write(losses, _program.Layout.MaxStringLength, _options.Errors, _options.ReportsTiming);
        return new SessionResult(_memory.State == SessionState.Failed, losses, command);
    }

    /// <summary>A handler that was under way when its link went may still be printing.</summary>
    private void WaitForHandlers()
    {
        long deadline = SessionClocks.Now() + 100_000_000;
        while (_memory.HasRunningHandlers(_program.Layout) && SessionClocks.Now() < deadline)
            Thread.Yield();
    }

    private CommandExit? ReportCommand()
    {
        CommandExit? exit = _options.Command?.Wait(TimeSpan.Zero);
        if (exit is { Signal: not 0 and int signal })
            _options.Errors.Write($"WARNING: Child process exited with signal {signal}\n");
        else if (exit is { Code: not 0 and int code })
            _options.Errors.Write($"WARNING: Child process exited with status {code}\n");
        return exit;
    }
}
