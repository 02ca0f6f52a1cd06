using Virtap.Tracing.Ir;
using Virtap.Tracing.Probes;

namespace Virtap.Tracing.Backends.InProcess;

/// <summary>The timers of a session and when each is due, in nanoseconds of the monotonic clock.</summary>
internal sealed class TimerQueue
{
    private readonly PriorityQueue<ProbeBinding<TimerTarget>, long> _timers = new();

    /// <summary>When the next one is due; <see cref="long.MaxValue"/> where there is none.</summary>
    public long NextDue => _timers.TryPeek(out _, out long due) ? due : long.MaxValue;

    /// <summary>Ticks that were due while nobody could take them: this process was stopped, or had no processor.</summary>
    public long Missed { get; private set; }

    /// <summary>Starts a timer: it is due an interval from now.</summary>
    public void Start(ProbeBinding<TimerTarget> timer, long now) => _timers.Enqueue(timer, now + NextInterval(timer.Target));

    /// <summary>
    /// Takes a timer that is due, and sets it anew. One that is late by whole intervals keeps its beat: the ticks between are counted as
    /// <see cref="Missed"/> and not made up for, as a script that prints what came in each second is not served by ten such seconds at
    /// once.
    /// </summary>
    public bool TryTakeDue(long now, out ProbeBinding<TimerTarget> timer)
    {
        if (!_timers.TryPeek(out timer, out long due) || due > now)
            return false;
        long missed = (now - due) / timer.Target.Interval;
        Missed += missed;
        _timers.DequeueEnqueue(timer, due + (missed * timer.Target.Interval) + NextInterval(timer.Target));
        return true;
    }

    /// <summary>An interval, longer or shorter by chance where the script wants that; never nothing.</summary>
    private static long NextInterval(TimerTarget timer) => timer.Randomization == 0
        ? timer.Interval
        : Math.Max(timer.Interval + Random.Shared.NextInt64(-timer.Randomization, timer.Randomization + 1), 1);
}
