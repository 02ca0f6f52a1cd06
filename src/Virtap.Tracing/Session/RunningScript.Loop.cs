using System.Runtime.InteropServices;
using Virtap.Bpf.Kernel;
using Virtap.Processes.Commands;
using Virtap.Tracing.Backends;
using Virtap.Tracing.Memory;
using Virtap.Tracing.Runtime;

namespace Virtap.Tracing.Session;

/// <summary>What a running session does: has its backends take what has come and what is due, and looks for a reason to end.</summary>
public sealed partial class RunningScript
{
    /// <summary>
    /// How often, in nanoseconds, the session looks around with nothing to wake it: probes that are skipped send no records, and the
    /// clock may have been set.
    /// </summary>
    private const long LookAround = 1_000_000_000;

    private void WaitForEnd()
    {
        foreach (LoadedHandlers each in _handlers)
        {
            foreach (SafeHandle handle in each.Wakes)
                _waiter.Add(Descriptor(handle));
        }

        int command = _waiter.Add(_options.Command?.Descriptor ?? -1);
        long start = SessionClocks.Now();
        long end = _options.TimeLimit is { } limit ? start + (limit.Ticks * 100) : long.MaxValue;
        long look = start + LookAround;
        bool hasEnded = false;
        while (true)
        {
            bool isBehind = TakeAll();
            ArmAll();
            if (!isBehind)
                _options.Output.Flush();

            long now = SessionClocks.Now();
            // A kernel before 5.3 gives no descriptor to wait on.
            hasEnded |= _options.Command is { } started
                && (started.Descriptor < 0 || _waiter.IsReady(command)) && EndOf(started) is not null;
            if (HasSkippedTooMany() || _isStopped || hasEnded || now >= end || _options.HasOutputFailed
                || _memory.State != SessionState.Running)
                return;
            if (now >= look)
            {
                _memory.View.Word(SessionCells.RealtimeOffset) = SessionClocks.RealtimeOffset();
                if (_script.Program.ReadsLoad)
                    MachineLoad.Write(_memory.View);
                if (_options.EndsWith is { IsAlive: false })
                    return;
                look = now + LookAround;
            }

            long due = Math.Min(_handlers.Min(each => (long?)each.NextDue) ?? long.MaxValue, Math.Min(end, look));
            _waiter.Wait(isBehind ? 0 : due - now);
        }
    }

    /// <summary>
    /// How a command has ended; null where it has not. Whoever traces it hears of that in this process's place: to ask the kernel would
    /// take the tracer's news away.
    /// </summary>
    private CommandExit? EndOf(SuspendedCommand command) =>
        _handlers.Select(each => each.EndOf(command.ProcessId)).FirstOrDefault(static end => end is not null)
            ?? (_handlers.Any(static each => each.TracesTargets) ? null : command.Wait(TimeSpan.Zero));

    /// <summary>Lets each backend take a part of what there is.</summary>
    /// <returns>Whether there may be more.</returns>
    private bool TakeAll()
    {
        bool isBehind = false;
        foreach (LoadedHandlers each in _handlers)
            isBehind |= each.Take();
        return isBehind;
    }

    /// <summary>The handlers that were just run may have turned conditions of probes.</summary>
    private void ArmAll()
    {
        if (_memory.State != SessionState.Running)
            return;
        try
        {
            foreach (LoadedHandlers each in _handlers)
                each.Arm(Holds, _options.Warn);
        }
        catch (BpfException e)
        {
            _options.Warn(new ProbeWasNotArmed(e));
        }
    }

    private bool HasSkippedTooMany()
    {
        FlatMemory memory = _memory.View;
        long byLock = Volatile.Read(ref memory.Word(SessionCells.SkippedByLock));
        long byContext = Volatile.Read(ref memory.Word(SessionCells.SkippedByContext));
        if (byLock + byContext <= _options.MaxSkipped || !_memory.TryAdvance(SessionState.Running, SessionState.Failed))
            return false;
        _options.Warn(new TooManyWereSkipped());
        return true;
    }

    private static int Descriptor(SafeHandle handle) => (int)handle.DangerousGetHandle();
}
