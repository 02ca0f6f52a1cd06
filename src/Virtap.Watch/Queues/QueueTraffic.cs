using Virtap.Tracing.Statistics;
using Virtap.Virtio.Queues;

namespace Virtap.Watch.Queues;

/// <summary>What was counted at a queue in an interval.</summary>
/// <param name="Duration">How long that was.</param>
/// <param name="Events">The counts.</param>
/// <param name="HasEventNotifier">Whether the queue's kicks come through an eventfd.</param>
public sealed record QueueTraffic(TimeSpan Duration, QueueEvents Events, bool HasEventNotifier)
{
    /// <summary>Kicks that QEMU was woken for. Several that came before it was are one.</summary>
    public long Kicks => HasEventNotifier ? Events.KickedByEvent : Events.Handled;

    /// <summary>How often QEMU found the queue to have work without a kick.</summary>
    public long Polls => Math.Max(Events.Handled - Kicks, 0);

    /// <summary>How often QEMU considered to notify, and the driver did not want it; null where that is not to be seen.</summary>
    public long? Suppressed => Events.Decisions < Events.Agreed ? null : Events.Decisions - Events.Agreed;

    /// <summary>How many requests came to a notification.</summary>
    public LogLinearHistogram PerNotification => Events.PerNotification;

    /// <summary>A count by the second.</summary>
    public double PerSecond(long count) => Duration > TimeSpan.Zero ? count / Duration.TotalSeconds : 0;
}
