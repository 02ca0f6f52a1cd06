using Virtap.Tracing.Output;
using Virtap.Virtio.Queues;

namespace Virtap.Cli.Latency;

/// <summary>What there is to show.</summary>
/// <param name="Before">The device when watching began.</param>
/// <param name="Sample">What was seen.</param>
/// <param name="Losses">What was not.</param>
/// <param name="IsWhole">Whether it is of the whole time, not of an interval.</param>
internal sealed record LatencyReport(DeviceState Before, LatencySample Sample, LossCounts Losses, bool IsWhole)
{
    /// <summary>The percentiles that are shown: their name, and which part of all they are.</summary>
    public static IReadOnlyList<(string Name, double Part)> Percentiles { get; } = [("p50", 0.5), ("p90", 0.9), ("p99", 0.99), ("p99.9", 0.999)];

    /// <summary>Requests in flight when watching began; null where the rings do not count requests (packed ones count descriptors).</summary>
    public long? InFlightBefore => Before.IsPacked ? null : Before.Queues.Sum(q => (long)(q.InUse ?? 0));

    /// <summary>Requests in flight at the end: those that were seen being taken and not completed, and those from before that did not complete either.</summary>
    public long InFlight => Sample.InFlight + Math.Max((InFlightBefore ?? 0) - Sample.Queues.Sum(q => q.Unknown), 0);
}
