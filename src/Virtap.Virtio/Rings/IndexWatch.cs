using System.Diagnostics;
using Virtap.Virtio.Queues;

namespace Virtap.Virtio.Rings;

/// <summary>
/// Remembers how far a queue had come at several looks, so that of a request it can be said by which look it had been offered or taken.
/// Indices go round; here they are counted on.
/// </summary>
internal sealed class IndexWatch
{
    private readonly List<Look> _looks = [];
    private DeviceState? _last;
    private long _first;

    /// <summary>How many looks there were.</summary>
    public int Count { get; private set; }

    /// <summary>How many requests (packed ring: descriptors) had been taken by the last look, on a count of this object.</summary>
    public long Taken => _looks[^1].Taken;

    /// <summary>How long it has been watched.</summary>
    public TimeSpan Duration => Stopwatch.GetElapsedTime(_first, _last!.Timestamp);

    /// <summary>Adds a look at a queue.</summary>
    /// <returns>The state that was added.</returns>
    public DeviceState Add(DeviceState state, int queue)
    {
        RingPosition now = RingPosition.Of(state, queue);
        Look next = new(state.Timestamp, 0, now.Waiting);
        if (Count++ == 0)
            _first = state.Timestamp;
        else
        {
            RingPosition before = RingPosition.Of(_last!, queue);
            int step = now.Round == 0 || now.Round != before.Round ? 0 : ((now.Taken - before.Taken) % now.Round + now.Round) % now.Round;
            next = next with { Taken = Taken + step };
            // It may have gone round once more, or was reset: what was seen before says nothing any more.
            if (now.Round != before.Round || 2 * step > now.Round)
                _looks.Clear();
        }

        _looks.Add(next);
        _last = state;
        return state;
    }

    /// <summary>How long ago a request had been taken.</summary>
    /// <param name="offer">How many had been taken before it, on the count of <see cref="Taken"/>.</param>
    public RequestAge AgeOfTaken(long offer) => Age(look => look.Taken > offer);

    /// <summary>How long ago a request of a split ring had been offered; null for a packed ring, which does not count offers.</summary>
    public RequestAge? AgeOfOffered(long offer) => _looks[^1].Waiting is null ? null : Age(look => look.Taken + look.Waiting > offer);

    private RequestAge Age(Func<Look, bool> hasCome)
    {
        long now = _looks[^1].Timestamp;
        int first = _looks.FindIndex(look => hasCome(look));
        return first < 0 ? new RequestAge(TimeSpan.Zero, Stopwatch.GetElapsedTime(now, now))
            : new RequestAge(
                Stopwatch.GetElapsedTime(_looks[first].Timestamp, now), first == 0
                ? null : Stopwatch.GetElapsedTime(_looks[first - 1].Timestamp, now));
    }

    private readonly record struct Look(long Timestamp, long Taken, int? Waiting);
}
