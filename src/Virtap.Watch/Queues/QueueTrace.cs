using System.Diagnostics;
using Virtap.Tracing.Backends;
using Virtap.Tracing.Session.Globals;
using Virtap.Virtio.Devices;
using Virtap.Virtio.Queues;
using Virtap.Watch.Counting;
using Virtap.Watch.Targets;

namespace Virtap.Watch.Queues;

/// <summary>Counts every kick and notification of the queues of some QEMUs: examples/notifications.stp, once for each.</summary>
public sealed class QueueTrace : IDisposable
{
    private const string Script = "notifications.stp";

    // Elements that the busiest queue fills, and more than any device has queues.
    private const int Entries = 8192;

    private readonly List<Traced> _qemus = [];

    /// <summary>Begins to count.</summary>
    /// <param name="targets">Their queues.</param>
    /// <param name="warn">Takes what went otherwise than it was asked for.</param>
    /// <exception cref="NoPrivilegeException">This process may not.</exception>
    /// <exception cref="WatchException">It cannot: a QEMU without the marks.</exception>
    public QueueTrace(IEnumerable<DeviceTarget> targets, Action<SessionWarning> warn)
    {
        try
        {
            foreach (QemuProcess qemu in targets.Select(t => t.Qemu).DistinctBy(q => q.Process.Id))
                _qemus.Add(new Traced(qemu, warn));
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>What was counted since the last time, or the beginning.</summary>
    /// <param name="device">The device as it is now.</param>
    /// <returns>By the queues' numbers; null where QEMU does not serve them.</returns>
    public IReadOnlyList<QueueTraffic>? Take(DeviceState device) =>
        device.VhostStarted == true ? null : _qemus.Find(q => q.ProcessId == device.Device.ProcessId)?.Take(device);

    /// <summary>Looks at the counts: to be called once for each interval, before <see cref="Take"/>.</summary>
    public void Look() => _qemus.ForEach(q => q.Look());

    /// <summary>Hits of probes that were not counted.</summary>
    public long Stop() => _qemus.Sum(q => q.Script.Stop().Skipped);

    public void Dispose() => _qemus.ForEach(q => q.Script.Dispose());

    /// <summary>The counts of a QEMU's queues, by their addresses.</summary>
    private sealed class Traced(QemuProcess qemu, Action<SessionWarning> warn)
    {
        private Dictionary<long, QueueEvents> _before = [];
        private Dictionary<long, QueueEvents> _now = [];
        private long _start;
        private long _end = Stopwatch.GetTimestamp();

        public int ProcessId => qemu.Process.Id;

        public CountingScript Script { get; } = CountingScript.Start(QueueTrace.Script, new CountingOptions
        {
            Arguments = [(ulong)qemu.Process.Id, (ulong)(qemu.Layouts.Queue.HostNotifier ?? 0)],
            MaxMapEntries = Entries,
            Warn = warn,
        });

        public void Look()
        {
            GlobalsSnapshot globals = Script.Look();
            (_before, _start, _end) = (_now, _end, Stopwatch.GetTimestamp());
            _now = [];
            Add("handled", (events, count) => events with { Handled = count });
            Add("kicked", (events, count) => events with { KickedByEvent = count });
            Add("completed", (events, count) => events with { Completed = count });
            Add("decisions", (events, count) => events with { Decisions = count });
            Add("agreed", (events, count) => events with { Agreed = count });
            Add("notifications", (events, count) => events with { Notifications = count, PerNotification = new() });
            foreach (GlobalElement size in globals.Elements("sizes"))
                _now[size.Keys[0]].PerNotification.AddToBucket((int)size.Keys[1], size.Value);

            void Add(string name, Func<QueueEvents, long, QueueEvents> with)
            {
                foreach (GlobalElement element in globals.Elements(name))
                    _now[element.Keys[0]] = with(_now.GetValueOrDefault(element.Keys[0], QueueEvents.None), element.Value);
            }
        }

        public IReadOnlyList<QueueTraffic> Take(DeviceState device) =>
        [
            .. device.Queues.Select(queue => new QueueTraffic(
                Stopwatch.GetElapsedTime(_start, _end),
                EventsOf(queue, _now).Since(EventsOf(queue, _before)),
                queue.KickDescriptor is not null)),
        ];

        private static QueueEvents EventsOf(QueueState queue, Dictionary<long, QueueEvents> counts) =>
            counts.GetValueOrDefault((long)queue.Address, QueueEvents.None);
    }
}
