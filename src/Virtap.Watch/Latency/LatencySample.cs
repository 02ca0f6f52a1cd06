namespace Virtap.Watch.Latency;

/// <summary>What the queues of a device did while it was watched, or in an interval of that.</summary>
/// <param name="Duration">How long that was.</param>
/// <param name="Queues">The queues that completed anything since watching began.</param>
/// <param name="InFlight">Requests seen being taken that had not completed at the end.</param>
/// <param name="Abandoned">Requests that QEMU took and never completed.</param>
public sealed record LatencySample(TimeSpan Duration, IReadOnlyList<QueueLatency> Queues, long InFlight, long Abandoned)
{
    /// <summary>What came after an earlier look.</summary>
    public LatencySample Since(LatencySample earlier) => new(
        Duration - earlier.Duration,
        [.. Queues.Select(now => earlier.Queues.FirstOrDefault(q => q.Queue == now.Queue) is { } before ? now.Since(before) : now)],
        InFlight,
        Abandoned - earlier.Abandoned);
}
