namespace Virtap.Virtio.Queues;

/// <summary>What a queue did in a period, by its indices.</summary>
public sealed record QueueRates
{
    /// <summary>The queue's number.</summary>
    public required int Queue { get; init; }

    /// <summary>How long the period was.</summary>
    public required TimeSpan Duration { get; init; }

    /// <summary>Requests (packed ring: descriptors) taken from the ring.</summary>
    public required long Taken { get; init; }

    /// <summary>Requests (packed ring: descriptors) given back.</summary>
    public required long Completed { get; init; }

    /// <summary>The most that were in flight at a look.</summary>
    public required uint MaxInFlight { get; init; }

    /// <summary>How many were in flight on average over the looks.</summary>
    public required double InFlight { get; init; }

    /// <summary>
    /// Whether the numbers are only the least that they can be: indices count modulo 2^16 (packed: twice the ring), and between two looks
    /// the queue went so far that it may have gone round.
    /// </summary>
    public required bool IsAtLeast { get; init; }

    /// <summary>Requests completed in a second.</summary>
    public double CompletedPerSecond => Duration > TimeSpan.Zero ? Completed / Duration.TotalSeconds : 0;

    /// <summary>Requests taken in a second.</summary>
    public double TakenPerSecond => Duration > TimeSpan.Zero ? Taken / Duration.TotalSeconds : 0;
}
