using System.Diagnostics;
using Virtap.Processes;
using Virtap.Virtio.Queues;
using Virtap.Watch.Targets;

namespace Virtap.Watch.Queues;

/// <summary>Looks at the queues of several devices, each as often as it needs.</summary>
public sealed class QueueWatch
{
    private readonly List<Watched> _devices;
    private readonly QueueTrace? _trace;

    /// <summary>Begins to watch devices.</summary>
    /// <param name="targets">The devices.</param>
    /// <param name="trace">Counts what happens at their queues; null for what their rings tell.</param>
    public QueueWatch(IReadOnlyList<DeviceTarget> targets, QueueTrace? trace = null)
    {
        _trace = trace;
        _devices = [.. targets.Select(t => new Watched(new QueueMeter(new QueueReader(t.Qemu, t.Device)), t.Qemu.Process))];
        // The first interval begins now.
        _trace?.Look();
    }

    /// <summary>Watches for an interval.</summary>
    /// <param name="interval">How long.</param>
    /// <param name="stop">Ends it earlier.</param>
    /// <returns>What each device did; null when it was stopped, or no device is left. Devices that went are left out.</returns>
    public IReadOnlyList<DeviceSample>? Gather(TimeSpan interval, CancellationToken stop)
    {
        long start = Stopwatch.GetTimestamp();
        TimeSpan elapsed;
        do
        {
            TimeSpan now = Stopwatch.GetElapsedTime(0);
            _devices.RemoveAll(d => d.Due <= now && !d.Look(now));
            if (_devices.Count == 0)
                return null;
            elapsed = Stopwatch.GetElapsedTime(start);
            TimeSpan pause = Min(_devices.Min(d => d.Due) - now, interval - elapsed);
            if (pause > TimeSpan.Zero && stop.WaitHandle.WaitOne(pause) || stop.IsCancellationRequested)
                return null;
        }
        while (elapsed < interval);

        // One more look, so that all that happened in the interval is counted in it.
        TimeSpan end = Stopwatch.GetElapsedTime(0);
        _devices.RemoveAll(d => !d.Look(end));
        if (_devices.Count == 0)
            return null;
        _trace?.Look();
        return [.. _devices.Select(d => new DeviceSample(
            d.Meter.Last!, d.Meter.Take(), _trace?.Take(d.Meter.Last!), d.Process is LiveProcess { IsStopped: true }))];
    }

    private static TimeSpan Min(TimeSpan a, TimeSpan b) => a < b ? a : b;

    private sealed class Watched(QueueMeter meter, TargetProcess process)
    {
        public QueueMeter Meter => meter;

        public TargetProcess Process => process;

        /// <summary>When to look next, on the clock of <see cref="Stopwatch"/>.</summary>
        public TimeSpan Due { get; private set; }

        public bool Look(TimeSpan now)
        {
            bool isThere = meter.Look();
            Due = now + meter.Interval;
            return isThere;
        }
    }
}
