using Virtap.Tracing.Probes;

namespace Virtap.Tracing.Session;

/// <summary>The timers of a session and when each is due, in nanoseconds of the monotonic clock.</summary>
internal sealed class TimerQueue
{
    private readonly PriorityQueue<ProbeBinding<TimerTarget>, long> _timers = new();

    /// <summary>When the next one is due; <see cref="long.MaxValue"/> where there is none.</summary>
    public long NextDue => _timers.TryPeek(out _, out long due) ? due : long.MaxValue;

    /// <summary>Starts a timer: it is due an interval from now.</summary>
    public void Start(ProbeBinding<TimerTarget> timer, long now) => _timers.Enqueue(timer, now + NextInterval(timer.Target));

    /// <summary>Takes a timer that is due, and sets it anew. One that is late by whole intervals (this process was stopped) skips those and keeps its beat.</summary>
    public bool TryTakeDue(long now, out ProbeBinding<TimerTarget> timer)
    {
        if (!_timers.TryPeek(out timer, out long due) || due > now)
            return false;
        long missed = (now - due) / timer.Target.Interval;
        _timers.DequeueEnqueue(timer, due + (missed * timer.Target.Interval) + NextInterval(timer.Target));
        return true;
    }

    /// <summary>An interval, longer or shorter by chance where the script wants that; never nothing.</summary>
    private static long NextInterval(TimerTarget timer) => timer.Randomization == 0
        ? timer.Interval
        : Math.Max(timer.Interval + Random.Shared.NextInt64(-timer.Randomization, timer.Randomization + 1), 1);
}
