using Virtap.Virtio.Queues;
using Virtap.Watch.Targets;

namespace Virtap.Watch.Queues;

/// <summary>What the queues of a device did in an interval.</summary>
/// <param name="State">The device at the interval's end.</param>
/// <param name="Rates">For each queue that is set up.</param>
/// <param name="Traffic">What was counted at each of its queues; null where nothing is counted.</param>
/// <param name="IsStopped">Whether QEMU itself is stopped at the interval's end: by a signal, or by a debugger.</param>
public sealed record DeviceSample(
    DeviceState State, IReadOnlyList<QueueRates> Rates, IReadOnlyList<QueueTraffic>? Traffic = null, bool IsStopped = false)
{
    /// <summary>Devices as they are now, or as a core holds them: nothing of it is a rate. Devices that are gone are left out.</summary>
    public static IReadOnlyList<DeviceSample> OfMoment(IEnumerable<DeviceTarget> targets)
    {
        var samples = new List<DeviceSample>();
        foreach (DeviceTarget target in targets)
        {
            var meter = new QueueMeter(new QueueReader(target.Qemu, target.Device));
            if (meter.Look() && meter.Last is { } state)
                samples.Add(new DeviceSample(state, meter.Take()));
        }

        return samples;
    }
}
