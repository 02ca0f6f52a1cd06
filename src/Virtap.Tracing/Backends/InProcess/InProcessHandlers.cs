using System.Runtime.InteropServices;
using Virtap.Tracing.Backends.InProcess.Processes;
using Virtap.Tracing.Ir;
using Virtap.Tracing.Memory;
using Virtap.Tracing.Probes;
using Virtap.Tracing.Runtime;

namespace Virtap.Tracing.Backends.InProcess;

/// <summary>
/// The handlers of a session that run in this process, and what makes them run: its timers, and the kernel's word of processes.
/// </summary>
internal sealed class InProcessHandlers : LoadedHandlers
{
    private readonly SessionMemory _memory;
    private readonly TimedEvaluator _evaluator;
    private readonly List<ProbeBinding<LifecycleTarget>> _lifecycle;
    private readonly List<ProbeBinding<TimerTarget>> _timers;
    private readonly TimerQueue _due = new();
    private readonly ProcessWatch? _watch;
    private readonly ProcessTracker? _tracker;
    private readonly TextExchange? _exchange;

    /// <summary>Makes what they need: nothing of the kernel's, but for process events.</summary>
    /// <exception cref="Bpf.Kernel.BpfException">The kernel does not let processes be watched.</exception>
    public InProcessHandlers(HandlerCode code, SessionMemory memory, IRecordSink records, bool isTimed)
    {
        _memory = memory;
        _evaluator = new TimedEvaluator(new Evaluator(code.Program, memory.View, records), isTimed);
        _lifecycle = ProbeBinding<LifecycleTarget>.In(code.Handlers);
        _timers = ProbeBinding<TimerTarget>.In(code.Handlers);
        _exchange = TextExchange.Of(code, memory, RunBesideOthers);
        List<ProbeBinding<ProcessEventTarget>> events = ProbeBinding<ProcessEventTarget>.In(code.Handlers);
        if (events.Count == 0)
            return;
        _watch = new ProcessWatch();
        _tracker = new ProcessTracker(events, memory.TargetProcess, (binding, process, thread, name) =>
            RunBesideOthers(binding.Handler, new ProcessEventContext(process, thread, name, binding.Site)));
    }

    public override IEnumerable<SafeHandle> Wakes => ((SafeHandle?[])[_watch?.Handle, _exchange?.Handle]).OfType<SafeHandle>();

    public override long NextDue => _due.NextDue;

    /// <summary>
    /// Runs the handlers of an event, by their numbers, for as long as the session is in the state that belongs to it: after exit() no
    /// begin probe runs any more, and an error in an end probe leaves the rest to the error probes.
    /// </summary>
    public override void Run(LifecycleEvent @event)
    {
        SessionState needed = @event switch
        {
            LifecycleEvent.Begin => SessionState.Starting,
            LifecycleEvent.End => SessionState.Stopping,
            _ => SessionState.Failed,
        };
        foreach (ProbeBinding<LifecycleTarget> binding in _lifecycle.Where(b => b.Target.Event == @event).OrderBy(b => b.Target.Order))
        {
            if (_memory.State == needed)
                _evaluator.Run(binding.Handler, new OwnContext(binding.Site));
        }
    }

    public override bool? Holds(LongExpression condition) => _evaluator.Holds(condition);

    public override void Attach(Func<LongExpression, bool> holds, Action<SessionWarning> warn)
    {
        _watch?.Attach();
        _exchange?.Begin();
        long now = SessionClocks.Now();
        foreach (ProbeBinding<TimerTarget> timer in _timers)
            _due.Start(timer, now);
    }

    public override void TakeLiving(int? except) => _tracker?.TakeLiving(except);

    public override bool Take()
    {
        _exchange?.Take();
        while (_memory.State == SessionState.Running && _watch is not null && _watch.TryRead(out ProcessRecord record))
            _tracker!.Take(record);
        while (_memory.State == SessionState.Running && _due.TryTakeDue(SessionClocks.Now(), out ProbeBinding<TimerTarget> timer))
            RunBesideOthers(timer.Handler, timer.Site == 0 ? OwnContext.Instance : new OwnContext(timer.Site));
        return false;
    }

    public override void Detach(Action<SessionWarning> warn)
    {
        _watch?.Detach();
        _exchange?.End();
    }

    public override LossCounts AddTo(LossCounts losses) => losses with { MissedTicks = losses.MissedTicks + _due.Missed };

    public override HandlerTimes TimesOf(LoweredHandler handler) => _evaluator.Of(handler);

    public override void Dispose()
    {
        _watch?.Dispose();
        _exchange?.Dispose();
    }

    /// <summary>Runs a handler while those in targets run too.</summary>
    private void RunBesideOthers(LoweredHandler handler, IExecutionContext context)
    {
        using UrgentSection urgent = UrgentSection.Enter();
        _evaluator.Run(handler, context);
    }
}
