using Virtap.Tracing.Statistics;

namespace Virtap.Watch.Queues;

/// <summary>What happened at a queue, each event counted.</summary>
public sealed record QueueEvents
{
    /// <summary>Nothing.</summary>
    public static QueueEvents None { get; } = new();

    /// <summary>How often QEMU went to look at the queue: because of a kick, or because it polls.</summary>
    public long Handled { get; init; }

    /// <summary>So often because of a kick that came through an eventfd.</summary>
    public long KickedByEvent { get; init; }

    /// <summary>Requests given back.</summary>
    public long Completed { get; init; }

    /// <summary>How often QEMU considered to notify.</summary>
    public long Decisions { get; init; }

    /// <summary>How often the driver wanted it to.</summary>
    public long Agreed { get; init; }

    /// <summary>How often it did: from QEMU 8.2 on an iothread does once for several decisions.</summary>
    public long Notifications { get; init; }

    /// <summary>How many requests were completed from one notification to the next.</summary>
    public LogLinearHistogram PerNotification { get; init; } = new();

    /// <summary>What came after an earlier look.</summary>
    public QueueEvents Since(QueueEvents earlier) => new()
    {
        Handled = Handled - earlier.Handled,
        KickedByEvent = KickedByEvent - earlier.KickedByEvent,
        Completed = Completed - earlier.Completed,
        Decisions = Decisions - earlier.Decisions,
        Agreed = Agreed - earlier.Agreed,
        Notifications = Notifications - earlier.Notifications,
        PerNotification = PerNotification.Since(earlier.PerNotification),
    };
}
