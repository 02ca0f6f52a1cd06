using Virtap.Bpf.Kernel;
using Virtap.Processes;
using Virtap.Processes.Commands;
using Virtap.Processes.Tracees;
using Virtap.Tracing.Backends;
using Virtap.Tracing.Ir;
using Virtap.Tracing.Memory;
using Virtap.Tracing.Probes;
using Virtap.Tracing.Runtime;
using Virtap.Tracing.Session.Globals;

namespace Virtap.Tracing.Session;

/// <summary>A script whose probes fire, until it is disposed of or has run to its end.</summary>
public sealed partial class RunningScript : IDisposable
{
    private static readonly TimeSpan s_snapshotPatience = TimeSpan.FromMilliseconds(500);

    private readonly LoadedScript _script;
    private readonly SessionOptions _options;
    private readonly SessionMemory _memory;
    private readonly IReadOnlyList<LoadedHandlers> _handlers;
    private readonly Waiter _waiter = new();
    private readonly SessionSignals? _signals;
    private volatile bool _isStopped;

    internal RunningScript(LoadedScript script)
    {
        _script = script;
        _options = script.Options;
        _memory = script.Memory;
        _handlers = script.Handlers;
        _signals = _options.StopsOnSignals ? new SessionSignals(Stop, TurnFile) : null;
    }

    /// <summary>Places in code that are probed.</summary>
    public int Sites => _handlers.Sum(each => each.Sites);

    /// <summary>Links that probe them.</summary>
    public int Links => _handlers.Sum(each => each.Links);

    /// <summary>
    /// Runs until the script, an error, a signal, the time limit, the end of the command of -c, or output that cannot be written
    /// ends it; then ends it in good order.
    /// </summary>
    public SessionResult RunToEnd()
    {
        if (_memory.State == SessionState.Running)
            WaitForEnd();
        return Finish();
    }

    /// <summary>What the script's globals hold now; from any thread, until disposed of.</summary>
    /// <exception cref="SessionException">Handlers have not let it look for half a second.</exception>
    public GlobalsSnapshot TakeSnapshot() => GlobalsSnapshot.Take(_memory.View, _script.Program.Globals, s_snapshotPatience)
        ?? throw new SessionException("the script's globals cannot be read: its handlers hold them without end");

    /// <summary>Ends a session that starts or runs, as exit() does; from any thread.</summary>
    public void Stop()
    {
        _isStopped = true;
        _waiter.Wake();
    }

    /// <summary>Has what is printed from now on go into the next output file; the session sees it when it looks around.</summary>
    private void TurnFile() => _options.Output.AskForNextFile();

    /// <inheritdoc/>
    public void Dispose()
    {
        _signals?.Dispose();
        Detach();
        _waiter.Dispose();
    }

    /// <summary>Runs the begin probes and attaches the others.</summary>
    /// <exception cref="SessionException">The kernel refused.</exception>
    internal void Begin()
    {
        RunAll(LifecycleEvent.Begin);
        _options.Output.Flush();
        if (_isStopped || _options.HasOutputFailed || _memory.State != SessionState.Starting)
            return;
        try
        {
            foreach (LoadedHandlers each in _handlers)
                each.Attach(Holds, _options.Warn);
            if (_options.Command is null)
                AttachToTarget();
            _memory.TryAdvance(SessionState.Starting, SessionState.Running);
            foreach (LoadedHandlers each in _handlers)
                each.TakeLiving(except: _options.Command?.ProcessId);
            if (_options.Command is { } command)
                Release(command);
        }
        catch (BpfException e)
        {
            throw new SessionException(e.Message, e);
        }

        // The probes are in place: what is looked for now keeps none waiting.
        if (!_options.SuppressesWarnings)
            WarnOfTargets();
    }

    /// <summary>Lets the command of -c run; where something of its memory is watched, from when it has become its program.</summary>
    private void Release(SuspendedCommand command)
    {
        if (!_handlers.Any(static each => each.WatchesTarget))
            command.Release();
        else if (!CommandStart.Release(command, AttachToTarget))
            throw new BpfException("the command of -c has not become a program whose memory could be watched");
    }

    private void AttachToTarget()
    {
        foreach (LoadedHandlers each in _handlers)
            each.AttachToTarget(Holds);
    }

    private void WarnOfTargets()
    {
        if (_options is { TargetProcess: int target, Command: null } && LiveProcess.Find(target) is null)
            _options.Warn(new TargetIsNowhere(target));
        foreach ((string path, IReadOnlyList<int> processes) in ReplacedFiles.Find(
            _script.Program.Handlers.SelectMany(static handler => handler.Targets), _options.TargetProcess))
            _options.Warn(new FileWasReplaced(path, processes));
    }

    private SessionResult Finish()
    {
        if (!_memory.TryAdvance(SessionState.Running, SessionState.Stopping))
            _memory.TryAdvance(SessionState.Starting, SessionState.Stopping);
        Detach();
        while (TakeAll())
        {
        }

        RunAll(LifecycleEvent.End);
        // As SystemTap has it, what prints them is one more end probe.
        if (_options.PrintsUnreadGlobals && _memory.State == SessionState.Stopping)
            PrintUnreadGlobals();
        RunAll(LifecycleEvent.Error);
        if (_options.ReportsTiming)
            HitReport.Write(_script.Program, _handlers, _options.Output);
        _options.Output.Flush();
        _options.Errors.Flush();
        LossCounts losses = _handlers.Aggregate(LossCounts.Read(_memory.View.All), (sum, each) => each.AddTo(sum)) with
        {
            CorruptRecords = _script.Printer.CorruptRecords,
        };
        CommandExit? end = _options.Command is { } command ? EndOf(command) : null;
        return new SessionResult(_memory.State == SessionState.Failed, losses, _script.Program.Layout.MaxStringLength, end);
    }

    private void RunAll(LifecycleEvent @event)
    {
        foreach (LoadedHandlers each in _handlers)
            each.Run(@event);
    }

    /// <summary>Whether a probe's condition holds; without handlers here nothing turns it, and the probe asks it itself.</summary>
    private bool Holds(LongExpression condition) =>
        _handlers.Select(each => each.Holds(condition)).FirstOrDefault(static each => each is not null) ?? true;

    /// <summary>Ends all probing. When it returns, no process has a breakpoint of this session.</summary>
    private void Detach()
    {
        foreach (LoadedHandlers each in _handlers)
            each.Detach(_options.Warn);
    }

    private void PrintUnreadGlobals() =>
        GlobalPrinter.Print(_memory.View, _script.Program.Layout, _script.Program.Globals, _options.Output);
}
