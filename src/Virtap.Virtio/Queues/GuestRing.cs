namespace Virtap.Virtio.Queues;

/// <summary>A ring as it lies in guest memory, where both sides see it.</summary>
public sealed record GuestRing
{
    /// <summary>Split ring: <c>avail.idx</c>, how many requests the driver has made available so far, modulo 2^16. Null for a packed ring.</summary>
    public ushort? AvailIndex { get; init; }

    /// <summary>Split ring: <c>used.idx</c>, how many requests the device has given back so far, modulo 2^16. Null for a packed ring.</summary>
    public ushort? UsedIndex { get; init; }

    /// <summary>Packed ring: whether the descriptor that the device will take next has been made available. Null for a split ring.</summary>
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
