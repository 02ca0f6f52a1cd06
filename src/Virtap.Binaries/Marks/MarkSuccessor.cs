namespace Virtap.Binaries.Marks;

/// <summary>A mark that says in one version of QEMU what another mark says in another.</summary>
/// <param name="Name">The mark to ask instead.</param>
/// <param name="Reason">What changed, for people, as a sentence without a full stop.</param>
public sealed record MarkSuccessor(string Name, string Reason)
{
    /// <summary>
    /// The marks that may stand in for one, the best first. A script that names the wrong one of them can attach and still stay silent: up
    /// to QEMU 8.1 the completion
    /// of a queue with an iothread is <c>virtio_notify_irqfd</c>; from 8.2 the write to the eventfd comes later, at
    /// <c>virtio_notify_irqfd_deferred_fn</c>; from 10.2
    /// <c>virtio_notify</c> is both, and <c>virtio_notify_irqfd</c> is gone.
    /// </summary>
    public static IReadOnlyList<MarkSuccessor> Of(string mark) => mark switch
    {
        "virtio_notify_irqfd" => [
            new("virtio_notify", "since QEMU 10.2 virtio_notify fires for every notification, with an iothread or without"),
            new("virtio_notify_irqfd_deferred_fn", "since QEMU 8.2 the eventfd is written later, at virtio_notify_irqfd_deferred_fn"),
        ],
        "virtio_notify_irqfd_deferred_fn" => [
            new("virtio_notify_irqfd", "before QEMU 8.2 the eventfd is written at once, at virtio_notify_irqfd"),
            new("virtio_notify", "the interrupts of a queue that QEMU's main loop serves are sent at once, at virtio_notify"),
        ],
        "virtio_notify" => [
            new("virtio_notify_irqfd", "before QEMU 10.2 a queue with an iothread notifies at virtio_notify_irqfd"),
        ],
        _ => [],
    };
}
