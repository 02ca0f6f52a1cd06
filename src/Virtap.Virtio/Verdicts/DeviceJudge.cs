using Virtap.Virtio.Features;
using Virtap.Virtio.Queues;

namespace Virtap.Virtio.Verdicts;

/// <summary>
/// Judges a device by several states of it. What a single state shows may be a moment between two stores; only what stands still is judged, and everything that is not QEMU's own word is
/// called a candidate or likely, with the evidence.
/// </summary>
public static class DeviceJudge
{
    /// <summary>Judges.</summary>
    /// <param name="samples">States of one device in the order they were read: two at least, of some time apart.</param>
    /// <param name="host">What the host's kernel knows.</param>
    public static IReadOnlyList<Verdict> Judge(IReadOnlyList<DeviceState> samples, HostView host)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(samples.Count, 2, nameof(samples));
        DeviceState last = samples[^1];
        var verdicts = new List<Verdict>();
        bool isServed = JudgeDevice(last, verdicts);
        if (host.Thread is { IsStopped: true } thread && last.VhostStarted != true)
            verdicts.Add(Stopped(thread));
        for (int queue = 0; queue < last.Queues.Count; queue++)
        {
            if (last.Queues[queue].IsSetUp)
                verdicts.Add(new QueueJudge(samples, queue, host).Judge(isServed));
        }

        return verdicts;
    }

    // Of its queues it can still be said what waits in them.
    private static Verdict Stopped(ThreadWatch thread) => new(VerdictKind.Stopped, Certainty.Certain, null, "The thread that serves the device is stopped: whatever it is given, it does nothing.",
        [thread.Describe()!],
        [thread.Tracer is { } tracer ? $"what {tracer} does there: a debugger lets it go on with continue, detach or quit" : $"who sent the signal; kill -CONT {thread.Thread.Thread.Id} lets it go on"]);

    /// <summary>Judges the device itself.</summary>
    /// <returns>Whether its queues ought to be worked on.</returns>
    internal static bool JudgeDevice(DeviceState state, List<Verdict> verdicts)
    {
        int before = verdicts.Count;
        if (state.Broken == true)
        {
            Add(VerdictKind.DeviceBroken, "QEMU has given the device up: its driver handed it something invalid.", ["VirtIODevice.broken is set"],
                ["QEMU's log has the reason (virtio_error)", "only a reset of the device by its driver, or of the guest, brings it back"]);
        }

        if (state.Status is { } status)
        {
            if (status.HasFlag(DeviceStatus.NeedsReset))
                Add(VerdictKind.NeedsReset, "The device has asked its driver for a reset, which has not come.", [$"status is {status}"], ["the guest's kernel log"]);
            if (status.HasFlag(DeviceStatus.Failed))
                Add(VerdictKind.NotDriven, "The guest's driver has given the device up.", [$"status is {status}"], ["the guest's kernel log"]);
            else if (!status.HasFlag(DeviceStatus.DriverOk))
                Add(VerdictKind.NotDriven, "No driver in the guest drives the device (or not yet).", [$"status is {status}, without DriverOk"], ["whether the guest has booted, and has the driver"]);
        }

        if (state.VmRunning == false)
            Add(VerdictKind.Paused, "The machine is paused: nothing moves.", ["VirtIODevice.vm_running is not set"], ["QMP query-status tells why: paused by an operator, by an I/O error, for migration"]);
        if (state.VhostStarted == true)
        {
            verdicts.Add(new Verdict(VerdictKind.NotLive, Certainty.Certain, null, "vhost serves the queues: QEMU's indices are not live, and only the rings in guest memory are judged.",
                ["VirtIODevice.vhost_started is set"], []));
            before++;
        }

        return verdicts.Count == before;

        void Add(VerdictKind kind, string summary, string[] evidence, string[] next) => verdicts.Add(new Verdict(kind, Certainty.Certain, null, summary, evidence, next));
    }
}
