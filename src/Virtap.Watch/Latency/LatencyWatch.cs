using System.Diagnostics;
using Virtap.Tracing.Backends;
using Virtap.Tracing.Runtime;
using Virtap.Tracing.Session.Globals;
using Virtap.Tracing.Statistics;
using Virtap.Virtio.Devices;
using Virtap.Virtio.Queues;
using Virtap.Watch.Counting;
using Virtap.Watch.Targets;

namespace Virtap.Watch.Latency;

/// <summary>Runs examples/latency.stp on a device, and reads what it counts.</summary>
public sealed class LatencyWatch : IDisposable
{
    /// <summary>The script.</summary>
    public const string Script = "latency.stp";

    private const int Other = 0, Read = 1, Write = 2;

    // Elements that a busy queue fills: a few hundred of times, and as many of requests as it is deep.
    private const int EntriesPerQueue = 2048;
    private const int MaxEntries = 1 << 16;

    // How often to see whether the device is still there.
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(500);

    private readonly DeviceTarget _target;
    private readonly QueueReader _reader;
    private readonly DeviceState _device;
    private readonly CountingScript _script;
    private readonly long _start;

    /// <summary>Begins to watch a device; when this returns, each request is seen.</summary>
    /// <param name="target">The device.</param>
    /// <param name="limit">After how long to end; null for when a signal says so.</param>
    /// <param name="warn">Takes what went otherwise than it was asked for.</param>
    /// <exception cref="NoPrivilegeException">This process may not.</exception>
    /// <exception cref="WatchException">It cannot be watched.</exception>
    public LatencyWatch(DeviceTarget target, TimeSpan? limit, Action<SessionWarning> warn)
    {
        _target = target;
        _reader = new QueueReader(target.Qemu, target.Device);
        _device = _reader.Read() ?? throw new WatchException($"{target.Device.Name} is gone");
        if (_device.VhostStarted == true)
        {
            throw new WatchException(
                $"vhost serves {target.Device.Name}: its requests do not pass through QEMU, where they could be timed");
        }

        _script = CountingScript.Start(Script, new CountingOptions
        {
            Arguments = Arguments(target),
            // A notification of a full ring of 1024 looks at each of its requests.
            MaxActions = MaxActions,
            MaxMapEntries = Math.Min(EntriesPerQueue * (target.Device.QueueCount + 1), MaxEntries),
            Warn = warn,
            TimeLimit = limit,
            StopsOnSignals = true,
        });
        _start = Stopwatch.GetTimestamp();
    }

    /// <summary>Whether watching ended because the device went: it was unplugged, or its QEMU has ended.</summary>
    public bool IsDeviceGone { get; private set; }

    /// <summary>MAXACTION that the script needs.</summary>
    public static int MaxActions => 100_000;

    /// <summary>The script's arguments: the process, the addresses of the first queue and of the last.</summary>
    public static ulong[] Arguments(DeviceTarget target)
    {
        VirtioDevice device = target.Device;
        return
        [
            (ulong)device.ProcessId,
            device.QueueArray,
            device.QueueArray + (ulong)((device.QueueCount - 1) * target.Qemu.Layouts.Queue.Size),
        ];
    }

    /// <summary>Watches until the time is over, a signal comes, or the device is gone.</summary>
    /// <param name="interval">How long the intervals are that are reported meanwhile; null for none.</param>
    /// <returns>A report of each interval, and one of the whole time.</returns>
    /// <exception cref="WatchException">An error has ended it.</exception>
    public IEnumerable<LatencyReport> Watch(TimeSpan? interval)
    {
        long? inFlight = InFlightBefore();
        LatencySample earlier = Look();
        foreach (LatencySample now in Intervals(interval))
        {
            yield return new LatencyReport(_device, now.Since(earlier), inFlight, default, IsWhole: false);
            earlier = now;
        }

        LossCounts losses = _script.Stop();
        yield return new LatencyReport(_device, Look(), inFlight, losses, IsWhole: true);
    }

    public void Dispose() => _script.Dispose();

    /// <summary>
    /// Requests in flight that were not seen being taken. Rings and counts are looked at one after the other, which counts only if the
    /// rings stood still meanwhile: a queue with requests that matter here does. Null where none did, and where the rings count
    /// descriptors (packed ones).
    /// </summary>
    private long? InFlightBefore()
    {
        const int Tries = 10;
        for (int i = 0; i < Tries && _reader.Read() is { IsPacked: false } before; i++)
        {
            LatencySample seen = Look();
            if (_reader.Read() is { } after && before.Queues.Zip(after.Queues).All(IsSame))
                return after.Queues.Sum(q => (long)(q.InUse ?? 0)) - seen.InFlight + seen.Queues.Sum(q => q.Unknown);
        }

        return null;

        static bool IsSame((QueueState Before, QueueState After) queue) =>
            (queue.Before.LastAvailIndex, queue.Before.UsedIndex) == (queue.After.LastAvailIndex, queue.After.UsedIndex);
    }

    /// <summary>Looks after each interval, until watching has ended or the device is gone.</summary>
    private IEnumerable<LatencySample> Intervals(TimeSpan? interval)
    {
        TimeSpan due = interval ?? TimeSpan.MaxValue;
        long start = Stopwatch.GetTimestamp();
        while (true)
        {
            TimeSpan left = due - Stopwatch.GetElapsedTime(start);
            if (_script.Wait(left < s_look ? left > TimeSpan.Zero ? left : TimeSpan.Zero : s_look))
                yield break;
            if (_reader.Read() is null)
            {
                IsDeviceGone = true;
                yield break;
            }

            if (interval is not { } length || Stopwatch.GetElapsedTime(start) < due)
                continue;
            due += length;
            yield return Look();
        }
    }

    private LatencySample Look()
    {
        GlobalsSnapshot globals = _script.Look();
        TimeSpan duration = Stopwatch.GetElapsedTime(_start);
        var service = new Table(globals, "service", "service_sum", "service_most");
        var notice = new Table(globals, "notice", "notice_sum", "notice_most");
        Dictionary<long, long> unknown = PerQueue("unknown"), lost = PerQueue("lost");
        Dictionary<long, long> decisions = PerQueue("decisions"), unasked = PerQueue("unasked");
        Dictionary<long, long> told = PerQueue("told"), asked = PerQueue("asked"), fresh = PerQueue("fresh");
        var queues = new List<QueueLatency>();
        for (int number = 0; number < _target.Device.QueueCount; number++)
        {
            long queue = (long)_target.Device.QueueArray + (number * _target.Qemu.Layouts.Queue.Size);
            var latency = new QueueLatency
            {
                Queue = number,
                Other = service.Find(queue, Other),
                Reads = service.Find(queue, Read),
                Writes = service.Find(queue, Write),
                Notice = notice.Find(queue),
                Decisions = decisions.GetValueOrDefault(queue),
                // The last decision was a no, if those that it was about are still here.
                Unasked = unasked.GetValueOrDefault(queue) + asked.GetValueOrDefault(queue) - told.GetValueOrDefault(queue),
                Waiting = fresh.GetValueOrDefault(queue) - asked.GetValueOrDefault(queue),
                Unknown = unknown.GetValueOrDefault(queue),
                Lost = lost.GetValueOrDefault(queue),
            };
            if (latency.Completed > 0)
                queues.Add(latency);
        }

        return new LatencySample(duration, queues, globals.Elements("taken").Count, globals.Number("abandoned"));

        Dictionary<long, long> PerQueue(string name) => globals.Elements(name).ToDictionary(e => e.Keys[0], e => e.Value);
    }

    /// <summary>
    /// Histograms of a script with their sums and longest: arrays with the histogram's keys, the first of which also has the bucket.
    /// </summary>
    private sealed class Table
    {
        private readonly Dictionary<(long, long), LogLinearHistogram> _histograms = [];
        private readonly Dictionary<(long, long), long> _sums;
        private readonly Dictionary<(long, long), long> _maxima;

        public Table(GlobalsSnapshot globals, string histograms, string sums, string maxima)
        {
            foreach (GlobalElement element in globals.Elements(histograms))
            {
                (long, long) key = Key(element, element.Keys.Count - 1);
                if (!_histograms.TryGetValue(key, out LogLinearHistogram? histogram))
                    _histograms.Add(key, histogram = new LogLinearHistogram());
                histogram.AddToBucket((int)element.Keys[^1], element.Value);
            }

            _sums = globals.Elements(sums).ToDictionary(e => Key(e, e.Keys.Count), e => e.Value);
            _maxima = globals.Elements(maxima).ToDictionary(e => Key(e, e.Keys.Count), e => e.Value);
        }

        public Timings Find(long queue, long kind = 0) => _histograms.TryGetValue((queue, kind), out LogLinearHistogram? histogram)
            ? new Timings(histogram, _sums.GetValueOrDefault((queue, kind)), _maxima.GetValueOrDefault((queue, kind)))
            : Timings.None;

        private static (long, long) Key(GlobalElement element, int count) => (element.Keys[0], count > 1 ? element.Keys[1] : 0);
    }
}
