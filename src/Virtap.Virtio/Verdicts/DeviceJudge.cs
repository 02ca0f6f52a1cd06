using Virtap.Virtio.Features;
using Virtap.Virtio.Findings;
using Virtap.Virtio.Queues;

namespace Virtap.Virtio.Verdicts;

/// <summary>
/// Judges a device by several states of it. What a single state shows may be a moment between two stores; only what stands still is
/// judged, and everything that is not QEMU's own word is called a candidate or likely, with the evidence.
/// </summary>
public static class DeviceJudge
{
    /// <summary>Judges.</summary>
    /// <param name="samples">States of one device in the order they were read: two at least, of some time apart.</param>
    /// <param name="host">What is known of its surroundings.</param>
    public static IReadOnlyList<Verdict> Judge(IReadOnlyList<DeviceState> samples, HostView host)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(samples.Count, 2, nameof(samples));
        DeviceState last = samples[^1];
        var verdicts = new List<Verdict>();
        bool isServed = JudgeDevice(last, host, verdicts);
        if (last.VhostStarted != true)
            verdicts.AddRange((host.Threads ?? []).OfType<ThreadWatch>().Where(t => t.IsStopped).Distinct().Select(Stopped));
        for (int queue = 0; queue < last.Queues.Count; queue++)
        {
            if (last.Queues[queue].IsSetUp)
                verdicts.Add(new QueueJudge(samples, queue, host).Judge(isServed));
        }

        return verdicts;
    }

    // Of its queues it can still be said what waits in them.
    private static Verdict Stopped(ThreadWatch thread)
    {
        Advice advice = thread.Tracer is { } tracer ? new(AdviceKind.AskDebugger, Field.Host("tracer", tracer))
            : new(AdviceKind.ContinueThread, Field.Host("thread", thread.Thread.Thread.Id));
        return new Verdict(VerdictKind.Stopped, Certainty.Certain, Subject.Device, null, [thread.Seen!], [advice]);
    }

    /// <summary>Judges the device itself.</summary>
    /// <returns>Whether its queues ought to be worked on.</returns>
    internal static bool JudgeDevice(DeviceState state, HostView host, List<Verdict> verdicts)
    {
        int before = verdicts.Count;
        if (state.Broken == true)
            Add(VerdictKind.DeviceBroken, new DeviceFlag("broken", true), AdviceKind.QemuLogForVirtioError, AdviceKind.ResetDevice);
        if (state.Status is { } status)
        {
            if (status.HasFlag(DeviceStatus.NeedsReset))
                Add(VerdictKind.NeedsReset, new StatusSeen(status), AdviceKind.GuestKernelLog);
            if (status.HasFlag(DeviceStatus.Failed))
                Add(VerdictKind.NotDriven, new StatusSeen(status), AdviceKind.GuestKernelLog);
            else if (!status.HasFlag(DeviceStatus.DriverOk))
                Add(VerdictKind.NotDriven, new StatusSeen(status, Lacking: DeviceStatus.DriverOk), AdviceKind.GuestHasDriver);
        }

        if (PausedMachine.Judge(state, host) is { } paused)
            verdicts.Add(paused);
        if (LostBackend.Judge(state, host.Backend) is { } lost)
            verdicts.Add(lost);
        bool isServed = verdicts.Count == before;
        if (state.VhostStarted == true)
            Add(VerdictKind.NotLive, new DeviceFlag("vhost_started", true));
        return isServed;

        // What was seen says why, too.
        void Add(VerdictKind kind, Observation seen, params Advice[] advice) =>
            verdicts.Add(new Verdict(kind, Certainty.Certain, Subject.Device, seen, [seen], advice));
    }
}
