namespace Virtap.Watch.Latency;

/// <summary>What became of the requests of a queue, and how long it took.</summary>
public sealed record QueueLatency
{
    /// <summary>The queue's number.</summary>
    public required int Queue { get; init; }

    /// <summary>From taken off the queue to completed, of those of no known kind (all, but for a disk's reads and writes).</summary>
    public required Timings Other { get; init; }

    /// <summary>The same of a disk's reads.</summary>
    public required Timings Reads { get; init; }

    /// <summary>The same of a disk's writes.</summary>
    public required Timings Writes { get; init; }

    /// <summary>From completed to notified, of those that a notification announced.</summary>
    public required Timings Notice { get; init; }

    /// <summary>How often QEMU considered to notify; 0 where it cannot be seen.</summary>
    public required long Decisions { get; init; }

    /// <summary>Completed ones that the guest did not want to be notified of.</summary>
    public required long Unasked { get; init; }

    /// <summary>Completed ones of which QEMU had not yet considered to notify at the last look.</summary>
    public required long Waiting { get; init; }

    /// <summary>Completed ones that were in flight when watching began: how long they took is not known.</summary>
    public required long Unknown { get; init; }

    /// <summary>Completed ones whose wait for a notification could not be kept.</summary>
    public required long Lost { get; init; }

    /// <summary>From taken off the queue to completed, all.</summary>
    public Timings Service => Reads + Writes + Other;

    /// <summary>Requests completed.</summary>
    public long Completed => Service.Count + Unknown;

    /// <summary>What came after an earlier look.</summary>
    public QueueLatency Since(QueueLatency earlier) => this with
    {
        Other = Other.Since(earlier.Other),
        Reads = Reads.Since(earlier.Reads),
        Writes = Writes.Since(earlier.Writes),
        Notice = Notice.Since(earlier.Notice),
        Decisions = Decisions - earlier.Decisions,
        Unasked = Unasked - earlier.Unasked,
        Unknown = Unknown - earlier.Unknown,
        Lost = Lost - earlier.Lost,
    };
}
