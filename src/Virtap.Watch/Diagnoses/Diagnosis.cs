using System.Diagnostics;
using Virtap.Processes.Access;
using Virtap.Virtio;
using Virtap.Virtio.Devices;
using Virtap.Virtio.Queues;
using Virtap.Virtio.Findings;
using Virtap.Virtio.Verdicts;

namespace Virtap.Watch.Diagnoses;

/// <summary>What was found out about a device by watching it for a while.</summary>
/// <param name="Device">The device.</param>
/// <param name="Samples">How often it was read.</param>
/// <param name="Duration">For how long it was watched.</param>
/// <param name="Verdicts">The verdicts: on the device, then on its queues in their order.</param>
/// <param name="Last">The last state read; null when the device is gone.</param>
public sealed record Diagnosis(VirtioDevice Device, int Samples, TimeSpan Duration, IReadOnlyList<Verdict> Verdicts, DeviceState? Last)
{
    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(50);
    // A device that works or has nothing to do is known as such sooner.
    private static readonly TimeSpan s_shortest = TimeSpan.FromMilliseconds(300);

    /// <summary>Whether something is wrong.</summary>
    public bool HasFault => Verdicts.Any(v => v.IsFault);

    /// <summary>
    /// Whether a ring could not be seen, as it is not in the core that was looked at, or vhost serves it and it is a packed one, or where
    /// it lies is not known: what waits there is not known.
    /// </summary>
    public bool HasUnseenRing => Verdicts.Any(v => v.Reason is RingHidden or InOneMoment { Waiting: null });

    /// <summary>Whether it was there to be looked at, its rings too, and nothing is wrong.</summary>
    public bool IsHealthy => Last is not null && !HasFault && !HasUnseenRing;

    /// <summary>
    /// Watches a device and judges it. A device that is plainly well is left after 0.3 s, another one is watched for the whole time: that
    /// something stands still can only be said after a while.
    /// </summary>
    /// <param name="qemu">The QEMU.</param>
    /// <param name="device">The device.</param>
    /// <param name="limit">How long to watch at most; two seconds are enough for disks that answer at all.</param>
    /// <param name="stop">Ends the watching early: judged is what was seen until then.</param>
    /// <exception cref="ProcessException">QEMU may not be looked into.</exception>
    public static Diagnosis Run(QemuProcess qemu, VirtioDevice device, TimeSpan limit, CancellationToken stop = default)
    {
        var examination = new DeviceExamination(qemu, device);
        long start = Stopwatch.GetTimestamp();
        while (true)
        {
            DeviceState? state = examination.Look();
            TimeSpan elapsed = Stopwatch.GetElapsedTime(start);
            if (state is null)
                return new Diagnosis(device, examination.Looks, elapsed, [], null);
            bool isOver = elapsed >= limit || stop.IsCancellationRequested;
            if (examination.Looks >= 2 && (isOver || elapsed >= s_shortest))
            {
                IReadOnlyList<Verdict> verdicts = examination.Judge();
                // A machine that is paused is not watched for longer: nothing moves in it.
                if (isOver || !verdicts.Any(v => v.IsFault && v.Kind != VerdictKind.Paused))
                    return new Diagnosis(device, examination.Looks, elapsed, verdicts, state);
            }

            Thread.Sleep(s_interval);
        }
    }

    /// <summary>Judges a device as a core holds it: one moment, which tells less than watching it.</summary>
    /// <param name="qemu">The QEMU of the core.</param>
    /// <param name="device">The device.</param>
    public static Diagnosis OfMoment(QemuProcess qemu, VirtioDevice device)
    {
        var examination = new DeviceExamination(qemu, device);
        return examination.Look() is { } state
            ? new Diagnosis(device, 1, TimeSpan.Zero, examination.JudgeMoment(), state)
            : new Diagnosis(device, 0, TimeSpan.Zero, [], null);
    }
}
