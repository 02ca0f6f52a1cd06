using Virtap.Tracing.Runtime;
using Virtap.Virtio.Queues;

namespace Virtap.Watch.Latency;

/// <summary>What became of the requests of a device.</summary>
/// <param name="Device">The device.</param>
/// <param name="Sample">What was seen.</param>
/// <param name="InFlightBefore">Requests in flight when watching began; null where that is not known.</param>
/// <param name="Losses">What was not seen.</param>
/// <param name="IsWhole">Whether it is of the whole time, not of an interval.</param>
public sealed record LatencyReport(DeviceState Device, LatencySample Sample, long? InFlightBefore, LossCounts Losses, bool IsWhole)
{
    /// <summary>
    /// Requests in flight at the end: those that were seen being taken and not completed, and those from before that did not complete
    /// either.
    /// </summary>
    public long InFlight => Sample.InFlight + Math.Max((InFlightBefore ?? 0) - Sample.Queues.Sum(q => q.Unknown), 0);
}
