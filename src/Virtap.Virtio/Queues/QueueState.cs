namespace Virtap.Virtio.Queues;

/// <summary>
/// A virtqueue as QEMU has it at one moment. Indices count modulo 2^16 (packed ring: modulo the size of the ring, with a wrap counter).
/// Read while QEMU runs, a single state may mix two moments; two equal states in a row do not.
/// </summary>
public sealed record QueueState
{
    /// <summary>Its number in the device; null where a text did not say.</summary>
    public int? Index { get; init; }

    /// <summary>Address of its <c>struct VirtQueue</c>; 0 where it is not known.</summary>
    public ulong Address { get; init; }

    /// <summary>Entries of the ring; 0 for a queue that the device does not have.</summary>
    public required uint Number { get; init; }

    /// <summary>Entries the device offers.</summary>
    public uint? DefaultNumber { get; init; }

    /// <summary>Guest-physical address of the descriptors; 0 for a queue the driver has not set up.</summary>
    public ulong? Descriptors { get; init; }

    /// <summary>Guest-physical address of the avail ring (packed: the driver's event structure).</summary>
    public ulong? Avail { get; init; }

    /// <summary>Guest-physical address of the used ring (packed: the device's event structure).</summary>
    public ulong? Used { get; init; }

    /// <summary>How far QEMU has taken requests.</summary>
    public required ushort LastAvailIndex { get; init; }

    /// <summary>Packed ring: the wrap counter beside it.</summary>
    public bool? LastAvailWrap { get; init; }

    /// <summary>The guest's avail index as QEMU last read it; on an idle queue it may be old.</summary>
    public ushort? ShadowAvailIndex { get; init; }

    /// <summary>How far QEMU has given requests back.</summary>
    public required ushort UsedIndex { get; init; }

    /// <summary>Packed ring: the wrap counter beside it.</summary>
    public bool? UsedWrap { get; init; }

    /// <summary>The used index when a notification was last considered. Kept only with <c>event_idx</c>.</summary>
    public ushort? SignalledUsed { get; init; }

    /// <summary>Whether <see cref="SignalledUsed"/> means anything.</summary>
    public bool? SignalledUsedValid { get; init; }

    /// <summary>Whether QEMU wants to be kicked: it does not while it polls or works through the queue.</summary>
    public bool? Notification { get; init; }

    /// <summary>Requests (packed ring: descriptors) taken and not given back.</summary>
    public uint? InUse { get; init; }

    /// <summary>MSI-X vector; 0xffff for none.</summary>
    public ushort? Vector { get; init; }

    /// <summary>Descriptor, in QEMU, of the eventfd by which the driver's kicks arrive; null where that is not known.</summary>
    public int? KickDescriptor { get; init; }

    /// <summary>Descriptor, in QEMU, of the eventfd by which interrupts are sent; null where that is not known.</summary>
    public int? InterruptDescriptor { get; init; }

    /// <summary>The ring in guest memory; null where it cannot be seen.</summary>
    public GuestRing? Guest { get; init; }

    /// <summary>Whether the device has the queue and the driver has given it a ring.</summary>
    public bool IsSetUp => Number != 0 && Descriptors is not 0;
}
