namespace Virtap.Cli.Latency;

/// <summary>What the queues of a device did while it was watched, or in an interval of that.</summary>
/// <param name="Duration">How long that was.</param>
/// <param name="Queues">The queues that completed anything since watching began.</param>
/// <param name="InFlight">Requests seen being taken that had not completed at the end.</param>
/// <param name="Abandoned">Requests that QEMU took and never completed.</param>
internal sealed record LatencySample(TimeSpan Duration, IReadOnlyList<QueueLatency> Queues, long InFlight, long Abandoned)
{
    /// <summary>What came after an earlier look.</summary>
    public LatencySample Since(LatencySample earlier) => new(
        Duration - earlier.Duration,
        [.. Queues.Select(queue => earlier.Queues.FirstOrDefault(q => q.Queue == queue.Queue) is { } before ? queue.Since(before) : queue)],
        InFlight,
        Abandoned - earlier.Abandoned);
}
