using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;
using Virtap.Interop;
using Virtap.Processes;
using Virtap.Processes.Access;
using Virtap.Processes.Commands;
using Virtap.Processes.Control;
using Virtap.Processes.Stops;
using Virtap.Tracing.Backends.InProcess;
using Virtap.Tracing.Backends.InProcess.Processes;
using Virtap.Tracing.Ir;
using Virtap.Tracing.Links;
using Virtap.Tracing.Memory;
using Virtap.Tracing.Probes;
using Virtap.Tracing.Runtime;

namespace Virtap.Tracing.Backends.Ptrace;

/// <summary>
/// Traces the session's target and what descends from it, on a thread of its own, which for the kernel is the tracer: when that thread has
/// ended, whatever became of the session, nothing is stopped any more.
/// </summary>
internal sealed partial class TargetTracer : IDisposable
{
    private readonly SessionMemory _memory;
    private readonly RecordQueue _queue;
    private readonly TimedEvaluator _evaluator;
    private readonly List<ProbeBinding<CodeTarget>> _probes;
    private readonly List<ProbeBinding<SyscallTarget>> _systemCalls;
    private readonly ProcessTracker? _tracker;
    private readonly HashSet<int> _roots;
    private readonly InferiorFamily _family;
    private readonly Dictionary<int, ProbedProcess> _processes = [];
    private readonly ConcurrentDictionary<int, CommandExit> _ends = [];
    private readonly ConcurrentQueue<Action> _asked = new();
    private readonly AutoResetEvent _isAsked = new(false);
    private readonly Thread _thread;
    private readonly HashSet<SessionWarning> _warned = [];
    private readonly List<SessionWarning> _warnings = [];
    private readonly HashSet<CodeTarget> _placed = [];
    private volatile ExceptionDispatchInfo? _failure;
    private volatile bool _isEnding;

    public TargetTracer(
        PtraceCode code, IBreakpointLedger? ledger, SessionMemory memory, RecordQueue queue, bool isTimed)
    {
        (_memory, _queue) = (memory, queue);
        // The first context of the first CPU, which no program in the kernel uses; timers have this process's own.
        _evaluator = new TimedEvaluator(new Evaluator(code.Program, memory.View, queue, context: 0), isTimed);
        _probes = ProbeBinding<CodeTarget>.In(code.Handlers);
        _systemCalls = ProbeBinding<SyscallTarget>.In(code.Handlers);
        _family = new InferiorFamily(ledger, stopsAtSystemCalls: _systemCalls.Count > 0);
        _roots = [.. code.Handlers.SelectMany(static each => each.Targets)
            .Select(static target => PtraceBackend.ProcessOf((HandledTarget)target)).OfType<int>()];
        List<ProbeBinding<ProcessEventTarget>> events = ProbeBinding<ProcessEventTarget>.In(code.Handlers);
        if (events.Count > 0)
        {
            _tracker = new ProcessTracker(events, memory.TargetProcess, (binding, process, thread, name) =>
                Run(binding.Handler, new ProcessEventContext(process, thread, name, binding.Site)));
        }

        _thread = new Thread(Trace) { IsBackground = true, Name = "tracer" };
    }

    /// <summary>Places of probes that were found in a process.</summary>
    public int Sites => _placed.Count;

    /// <summary>Whether there are processes that it traces.</summary>
    public bool IsTracing => _thread.IsAlive;

    /// <summary>How often a handler ran, and for how long; to be asked when it is stopped.</summary>
    public HandlerTimes TimesOf(LoweredHandler handler) => _evaluator.Of(handler);

    /// <summary>How a process has ended that was traced; null where it has not.</summary>
    public CommandExit? EndOf(int process) => _ends.TryGetValue(process, out CommandExit end) ? end : null;

    /// <summary>Begins to trace. When it returns, all probes are in place in what runs now.</summary>
    /// <exception cref="ThreadStopException">A process cannot be traced.</exception>
    public IReadOnlyList<SessionWarning> Start()
    {
        _thread.Start();
        Do(Attach);
        ThrowIfFailed();
        return TakeWarnings();
    }

    /// <summary>What went otherwise since it was last asked for; of the time after the start, when it is stopped.</summary>
    public IReadOnlyList<SessionWarning> TakeWarnings()
    {
        List<SessionWarning> taken = [.. _warnings];
        _warnings.Clear();
        return taken;
    }

    /// <summary>The processes that live begin now, for the script's process events.</summary>
    public void TakeLiving(int? except)
    {
        if (_tracker is not null)
            Do(() => _tracker.TakeLiving(except, _processes.ContainsKey));
    }

    /// <summary>Ends it: nothing of it is in any process any more, and nothing is stopped.</summary>
    public void Stop()
    {
        _isEnding = true;
        if (!_thread.IsAlive)
            return;
        _isAsked.Set();
        _family.Interrupt();
        _thread.Join();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Stop();
        _family.Dispose();
        _isAsked.Dispose();
    }

    /// <summary>A mistake of ours on the tracer's thread is told on the session's.</summary>
    public void ThrowIfFailed() => _failure?.Throw();

    private void Do(Action action)
    {
        using var done = new ManualResetEventSlim();
        ExceptionDispatchInfo? refusal = null;
        _asked.Enqueue(() =>
        {
            try
            {
                action();
            }
            catch (ThreadStopException e)
            {
                refusal = ExceptionDispatchInfo.Capture(e);
            }
            finally
            {
                done.Set();
            }
        });
        _isAsked.Set();
        _family.Interrupt();
        while (!done.Wait(TimeSpan.FromMilliseconds(100)) && _thread.IsAlive)
        {
        }

        refusal?.Throw();
    }

    private void Trace()
    {
        try
        {
            while (!_isEnding)
            {
                while (_asked.TryDequeue(out Action? asked))
                    asked();
                if (_isEnding)
                    break;
                if (_family.Members.Count == 0)
                    _isAsked.WaitOne();
                else if (_family.Next() is var (member, news))
                    Take(member, news);
            }
        }
#pragma warning disable CA1031 // Whatever it is: the targets are let go first.
        catch (Exception e)
#pragma warning restore CA1031
        {
            _failure = ExceptionDispatchInfo.Capture(e);
        }

        _family.Dispose();
        _queue.Ring();
    }

    private void Attach()
    {
        if (_memory.TargetProcess is int target)
        {
            foreach (int process in LiveProcess.Tree(target))
                Attach(process, isOfTarget: true, isNeeded: process == target);
        }

        foreach (int root in _roots)
            Attach(root, isOfTarget: false, isNeeded: true);
        foreach (ProbedProcess process in _processes.Values)
            Place(process);
        foreach (ProbedProcess process in _processes.Values)
            process.Inferior.ResumeAll();
    }

    private void Attach(int id, bool isOfTarget, bool isNeeded)
    {
        if (_processes.ContainsKey(id) || LiveProcess.Find(id) is not { } process)
            return;
        try
        {
            _processes.Add(id, new ProbedProcess(_family.Attach(process), isOfTarget));
        }
        catch (ThreadStopException e) when (!isNeeded)
        {
            // Of the target's descendants those are traced that let themselves be: one may be another user's, or a debugger's already.
            if (e.Failure != ThreadStopFailure.Ended && LiveProcess.Find(id) is { IsAlive: true })
                Warn(new ProcessIsNotTraced(e));
        }
    }

    private void Place(ProbedProcess process)
    {
        foreach (AttachFailure failure in process.Place(_probes))
            Warn(new SiteWasRefused(failure));
    }

    /// <summary>Something of a kind is told once: each child of a process that forks has the same.</summary>
    private void Warn(SessionWarning warning)
    {
        if (_warned.Add(warning))
            _warnings.Add(warning);
    }

    private void Run(LoweredHandler handler, IExecutionContext context)
    {
        if (_memory.State != SessionState.Running)
            return;
        _evaluator.Run(handler, context);
    }
}
