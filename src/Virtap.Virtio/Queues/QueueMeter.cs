using System.Diagnostics;

namespace Virtap.Virtio.Queues;

/// <summary>
/// Measures what the queues of a device do, by looking at their indices often enough to follow them: the time between looks halves when a
/// queue goes a quarter round in one, and grows again when all are slow. The guest pays nothing.
/// </summary>
public sealed class QueueMeter
{
    private static readonly TimeSpan s_shortest = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan s_longest = TimeSpan.FromMilliseconds(100);

    private readonly QueueReader _reader;
    private DeviceState? _last;
    private Total[] _totals = [];
    private long _start;

    /// <summary>Creates a meter.</summary>
    public QueueMeter(QueueReader reader) => _reader = reader;

    /// <summary>When to look next, after the last look.</summary>
    public TimeSpan Interval { get; private set; } = TimeSpan.FromMilliseconds(20);

    /// <summary>The last state seen.</summary>
    public DeviceState? Last => _last;

    /// <summary>Looks once; false when the device is gone.</summary>
    public bool Look()
    {
        if (_reader.Read() is not { } state)
            return false;
        Add(state);
        return true;
    }

    /// <summary>Takes a state into account.</summary>
    internal void Add(DeviceState state)
    {
        if (_last is not { } last || last.Queues.Count != state.Queues.Count)
        {
            _totals = new Total[state.Queues.Count];
            _start = state.Timestamp;
        }
        else
        {
            double max = 0;
            for (int n = 0; n < _totals.Length; n++)
                max = Math.Max(max, _totals[n].Add(last.Queues[n], state.Queues[n], state));
            Interval = max > 0.25 ? Max(Interval / 2, s_shortest) : max < 0.05 ? Min(Interval * 1.5, s_longest) : Interval;
        }

        _last = state;
    }

    /// <summary>What was counted since the last time it was taken, for every queue that is set up.</summary>
    public IReadOnlyList<QueueRates> Take()
    {
        if (_last is not { } last)
            return [];
        TimeSpan duration = Stopwatch.GetElapsedTime(_start, last.Timestamp);
        var rates = new List<QueueRates>();
        for (int n = 0; n < _totals.Length; n++)
        {
            if (last.Queues[n].IsSetUp)
                rates.Add(_totals[n].ToRates(n, duration));
        }

        Array.Clear(_totals);
        _start = last.Timestamp;
        return rates;
    }

    private static TimeSpan Max(TimeSpan a, TimeSpan b) => a > b ? a : b;

    private static TimeSpan Min(TimeSpan a, TimeSpan b) => a < b ? a : b;

    /// <summary>Sums of one queue.</summary>
    private struct Total
    {
        private long _taken;
        private long _completed;
        private long _inFlight;
        private long _looks;
        private uint _most;
        private bool _atLeast;

        /// <returns>How much of a round the queue went since the state before, 0 to 1.</returns>
        public double Add(QueueState before, QueueState after, DeviceState device)
        {
            int round = device.IsPacked ? 2 * (int)after.Number : 1 << 16;
            // QEMU does not move its own used_idx for a queue that vhost serves.
            bool vhost = device.VhostStarted == true;
            int completed = vhost ? Step(before.Guest?.UsedIndex, after.Guest?.UsedIndex, round)
                : Step(
                    Position(before.UsedIndex, before.UsedWrap, before.Number, device.IsPacked),
                    Position(after.UsedIndex, after.UsedWrap, after.Number, device.IsPacked), round);
            int taken = vhost ? Step(before.Guest?.AvailIndex, after.Guest?.AvailIndex, round)
                : Step(
                    Position(before.LastAvailIndex, before.LastAvailWrap, before.Number, device.IsPacked),
                    Position(after.LastAvailIndex, after.LastAvailWrap, after.Number, device.IsPacked), round);
            _completed += completed;
            _taken += taken;
            _inFlight += after.InUse ?? 0;
            _looks++;
            _most = Math.Max(_most, after.InUse ?? 0);
            // More than half a round in one look: at this speed the next may be more than a whole one.
            _atLeast |= 2 * Math.Max(completed, taken) > round;
            return round == 0 ? 0 : (double)Math.Max(completed, taken) / round;
        }

        public readonly QueueRates ToRates(int queue, TimeSpan duration) => new()
        {
            Queue = queue,
            Duration = duration,
            Taken = _taken,
            Completed = _completed,
            MaxInFlight = _most,
            InFlight = _looks == 0 ? 0 : (double)_inFlight / _looks,
            IsAtLeast = _atLeast,
        };

        // A packed ring's index with its wrap counter counts modulo two rounds.
        private static int Position(ushort index, bool? wrap, uint number, bool packed) =>
            packed && wrap == false ? index + (int)number : index;

        private static int Step(int? from, int? to, int round) =>
            from is { } a && to is { } b && round > 0 ? ((b - a) % round + round) % round : 0;
    }
}
