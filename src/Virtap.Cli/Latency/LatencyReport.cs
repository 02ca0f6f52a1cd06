using Virtap.Tracing.Output;
using Virtap.Virtio.Queues;

namespace Virtap.Cli.Latency;

/// <summary>What there is to show.</summary>
/// <param name="Device">The device.</param>
/// <param name="Sample">What was seen.</param>
/// <param name="InFlightBefore">Requests in flight when watching began; null where that is not known.</param>
/// <param name="Losses">What was not seen.</param>
/// <param name="IsWhole">Whether it is of the whole time, not of an interval.</param>
internal sealed record LatencyReport(DeviceState Device, LatencySample Sample, long? InFlightBefore, LossCounts Losses, bool IsWhole)
{
    /// <summary>The percentiles that are shown: their name, and which part of all they are.</summary>
    public static IReadOnlyList<(string Name, double Part)> Percentiles { get; } = [("p50", 0.5), ("p90", 0.9), ("p99", 0.99), ("p99.9", 0.999)];

    /// <summary>Requests in flight at the end: those that were seen being taken and not completed, and those from before that did not complete either.</summary>
    public long InFlight => Sample.InFlight + Math.Max((InFlightBefore ?? 0) - Sample.Queues.Sum(q => q.Unknown), 0);
}
