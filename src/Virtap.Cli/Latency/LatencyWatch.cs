using System.Diagnostics;
using Virtap.Cli.Counting;
using Virtap.Cli.Rendering;
using Virtap.Cli.Targets;
using Virtap.Tracing.Output;
using Virtap.Tracing.Session.Globals;
using Virtap.Tracing.Statistics;
using Virtap.Virtio.Devices;

namespace Virtap.Cli.Latency;

/// <summary>Runs examples/latency.stp on a device, and reads what it counts.</summary>
internal sealed class LatencyWatch : IDisposable
{
    /// <summary>The script.</summary>
    public const string Script = "latency.stp";

    private const int Other = 0, Read = 1, Write = 2;

    // Elements that a busy queue fills: a few hundred of times, and as many of requests as it is deep.
    private const int EntriesPerQueue = 2048;
    private const int MostEntries = 1 << 16;

    private readonly DeviceTarget _target;
    private readonly CountingScript _script;
    private readonly long _start;

    /// <summary>Begins to watch a device; when this returns, each request is seen.</summary>
    /// <param name="target">The device.</param>
    /// <param name="limit">After how long to end; null for when a signal says so.</param>
    /// <exception cref="CommandException">It cannot be watched.</exception>
    public LatencyWatch(DeviceTarget target, TimeSpan? limit)
    {
        _target = target;
        _script = CountingScript.Start(Script, new CountingOptions
        {
            Arguments = Arguments(target),
            // A notification of a full ring of 1024 looks at each of its requests.
            MaxActions = MaxActions,
            MaxMapEntries = Math.Min(EntriesPerQueue * (target.Device.QueueCount + 1), MostEntries),
            TimeLimit = limit,
            StopsOnSignals = true,
        });
        _start = Stopwatch.GetTimestamp();
    }

    /// <summary>MAXACTION that the script needs.</summary>
    public static int MaxActions => 100_000;

    /// <summary>The script's arguments.</summary>
    public static string[] Arguments(DeviceTarget target)
    {
        VirtioDevice device = target.Device;
        return
        [
            Figures.Invariant($"{device.ProcessId}"),
            Figures.Address(device.QueueArray),
            Figures.Address(device.QueueArray + (ulong)((device.QueueCount - 1) * target.Qemu.Layouts.Queue.Size)),
        ];
    }

    /// <summary>Waits; true if watching has ended meanwhile: its time is over, or a signal came.</summary>
    public bool Wait(TimeSpan time) => _script.Wait(time);

    /// <summary>Ends it.</summary>
    /// <returns>What was lost.</returns>
    public LossCounts Stop() => _script.Stop();

    /// <summary>What was seen so far.</summary>
    public LatencySample Look()
    {
        GlobalsSnapshot globals = _script.Look();
        TimeSpan duration = Stopwatch.GetElapsedTime(_start);
        var service = new Table(globals, "service", "service_sum", "service_most");
        var notice = new Table(globals, "notice", "notice_sum", "notice_most");
        Dictionary<long, long> unknown = PerQueue("unknown"), lost = PerQueue("lost"), decisions = PerQueue("decisions"), unasked = PerQueue("unasked");
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

    public void Dispose() => _script.Dispose();

    /// <summary>Histograms of a script with their sums and longest: arrays with the histogram's keys, the first of which also has the bucket.</summary>
    private sealed class Table
    {
        private readonly Dictionary<(long, long), LogLinearHistogram> _histograms = [];
        private readonly Dictionary<(long, long), long> _sums;
        private readonly Dictionary<(long, long), long> _most;

        public Table(GlobalsSnapshot globals, string histograms, string sums, string most)
        {
            foreach (GlobalElement element in globals.Elements(histograms))
            {
                (long, long) key = Key(element, element.Keys.Count - 1);
                if (!_histograms.TryGetValue(key, out LogLinearHistogram? histogram))
                    _histograms.Add(key, histogram = new LogLinearHistogram());
                histogram.AddToBucket((int)element.Keys[^1], element.Value);
            }

            _sums = globals.Elements(sums).ToDictionary(e => Key(e, e.Keys.Count), e => e.Value);
            _most = globals.Elements(most).ToDictionary(e => Key(e, e.Keys.Count), e => e.Value);
        }

        public Timings Find(long queue, long kind = 0) => _histograms.TryGetValue((queue, kind), out LogLinearHistogram? histogram)
            ? new Timings(histogram, _sums.GetValueOrDefault((queue, kind)), _most.GetValueOrDefault((queue, kind)))
            : Timings.None;

        private static (long, long) Key(GlobalElement element, int count) => (element.Keys[0], count > 1 ? element.Keys[1] : 0);
    }
}
