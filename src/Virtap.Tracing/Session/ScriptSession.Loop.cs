using System.Runtime.InteropServices;
using Virtap.Tracing.Evaluation;
using Virtap.Tracing.Memory;
using Virtap.Tracing.Probes;
using Virtap.Tracing.Session.Processes;

namespace Virtap.Tracing.Session;

/// <summary>What a running session does: makes records text, runs timers and process events when they are due, and looks for a reason to end.</summary>
public sealed partial class ScriptSession
{
    /// <summary>Records read before timers get their turn.</summary>
    private const int BatchRecords = 1024;

    /// <summary>How often, in nanoseconds, the session looks around with nothing to wake it: probes that are skipped send no records, and the clock may have been set.</summary>
    private const long LookAround = 1_000_000_000;

    private void WaitForEnd()
    {
        if (_programs is not null)
            _waiter.Add(Descriptor(_programs.Ring.Map.Handle));
        if (_watch is not null)
            _waiter.Add(Descriptor(_watch.Handle));
        int command = _waiter.Add(_options.Command?.Descriptor ?? -1);
        long start = SessionClocks.Now();
        long end = _options.TimeLimit is { } limit ? start + (limit.Ticks * 100) : long.MaxValue;
        long look = start + LookAround;
        bool hasEnded = false;
        while (true)
        {
            bool isBehind = DrainRing();
            DrainProcesses();
            RunTimers();
            if (!isBehind)
                _options.Output.Flush();

            long now = SessionClocks.Now();
            // A kernel before 5.3 gives no descriptor to wait on.
            hasEnded |= _options.Command is { } started && (started.Descriptor < 0 || _waiter.IsReady(command)) && started.Wait(TimeSpan.Zero) is not null;
            if (HasSkippedTooMany() || _isTold || hasEnded || now >= end || _options.Output.Failure is not null || _memory.State != SessionState.Running)
                return;
            if (now >= look)
            {
                _memory.View.Word(SessionCells.RealtimeOffset) = SessionClocks.RealtimeOffset();
                look = now + LookAround;
            }

            _waiter.Wait(isBehind ? 0 : Math.Min(Math.Min(_timers.NextDue, end), look) - now);
        }
    }

    /// <summary>Makes text of what handlers have sent.</summary>
    /// <returns>Whether there may be more.</returns>
    private bool DrainRing()
    {
        if (_programs is null)
            return false;
        for (int i = 0; i < BatchRecords; i++)
        {
            if (!_programs.Ring.TryRead(out ReadOnlySpan<byte> record))
                return false;
            _printer.Write(record);
        }

        return true;
    }

    private void DrainProcesses()
    {
        if (_watch is null)
            return;
        while (_memory.State == SessionState.Running && _watch.TryRead(out ProcessRecord record))
            _tracker!.Take(record);
    }

    private void RunTimers()
    {
        while (_memory.State == SessionState.Running && _timers.TryTakeDue(SessionClocks.Now(), out ProbeBinding<TimerTarget> timer))
            _own.Run(timer.Handler, timer.Site == 0 ? OwnContext.Instance : new OwnContext(timer.Site));
    }

    private bool HasSkippedTooMany()
    {
        FlatMemory memory = _memory.View;
        long skipped = Volatile.Read(ref memory.Word(SessionCells.SkippedByLock)) + Volatile.Read(ref memory.Word(SessionCells.SkippedByContext));
        if (skipped <= _options.MaxSkipped || !_memory.TryAdvance(SessionState.Running, SessionState.Failed))
            return false;
        _options.Errors.Write("ERROR: Skipped too many probes, check MAXSKIPPED or try again with stap -t for more details.\n");
        return true;
    }

    private static int Descriptor(SafeHandle handle) => (int)handle.DangerousGetHandle();
}
