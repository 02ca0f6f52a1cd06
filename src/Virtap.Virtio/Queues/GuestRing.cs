namespace Virtap.Virtio.Queues;

/// <summary>A ring as it lies in guest memory, where both sides see it.</summary>
public sealed record GuestRing
{
    /// <summary>
    /// Split ring: <c>avail.idx</c>, how many requests the driver has made available so far, modulo 2^16. Null for a packed ring.
    /// </summary>
    public ushort? AvailIndex { get; init; }

    /// <summary>
    /// Split ring: <c>used.idx</c>, how many requests the device has given back so far, modulo 2^16. Null for a packed ring.
    /// </summary>
    public ushort? UsedIndex { get; init; }

    /// <summary>
    /// Packed ring: whether the descriptor that the device will take next has been made available. Null for a split ring.
    /// </summary>
    public bool? NextIsAvailable { get; init; }

    /// <summary>When the driver wants to be notified (interrupts).</summary>
    public required RingEvent Driver { get; init; }

    /// <summary>When the device wants to be notified (kicks).</summary>
    public required RingEvent Device { get; init; }

    /// <summary>Address in QEMU's memory of the descriptors.</summary>
    public ulong Descriptors { get; init; }

    /// <summary>Address in QEMU's memory of the avail ring (packed: of the driver's event structure).</summary>
    public ulong Avail { get; init; }

    /// <summary>Address in QEMU's memory of the used ring (packed: of the device's event structure).</summary>
    public ulong Used { get; init; }

    /// <summary>Address of QEMU's map of the address space in which the ring lies (<c>struct FlatView</c>).</summary>
    internal ulong FlatView { get; init; }
}

/// <summary>
/// When one side of a ring wants to hear from the other. Split ring: a flag, and with <c>event_idx</c> the index after which; packed ring:
/// an event structure (virtio 1.2, 2.8.10).
/// </summary>
/// <param name="Flags">Split: bit 0 asks not to be disturbed (a hint only). Packed: 0 always, 1 never, 2 at
/// <paramref name="Event"/>.</param>
/// <param name="Event">Split: <c>used_event</c> or <c>avail_event</c>, null without <c>event_idx</c>. Packed: offset in bits 0-14, wrap
/// counter in bit 15.</param>
public readonly record struct RingEvent(ushort Flags, ushort? Event);
