namespace Virtap.Virtio.Layouts;

/// <summary>
/// Where the fields of QEMU's <c>struct VirtQueue</c> lie, in bytes from its start. The structure is private to virtio.c and has changed
/// with almost every major version; distributions backport changes. A field that a version lacks, or that could not be found, is null.
/// </summary>
public sealed record VirtQueueLayout
{
    /// <summary>sizeof(VirtQueue).</summary>
    public required int Size { get; init; }

    /// <summary><c>vring.num</c>, 32 bits: entries of the ring as the guest chose them; 0 for a queue that does not exist.</summary>
    public int Number { get; init; }

    /// <summary><c>vring.num_default</c>, 32 bits: entries the device offers.</summary>
    public required int DefaultNumber { get; init; }

    /// <summary><c>vring.desc</c>, 64 bits: guest-physical address of the descriptors.</summary>
    public required int Descriptors { get; init; }

    /// <summary><c>vring.avail</c>, 64 bits: guest-physical address of the avail ring (packed: of the driver's event structure).</summary>
    public required int Avail { get; init; }

    /// <summary><c>vring.used</c>, 64 bits: guest-physical address of the used ring (packed: of the device's event structure).</summary>
    public required int Used { get; init; }

    /// <summary><c>vring.caches</c>, a pointer: the rings as QEMU has them mapped.</summary>
    public required int Caches { get; init; }

    /// <summary><c>last_avail_idx</c>, 16 bits: how far QEMU has taken requests.</summary>
    public required int LastAvailIndex { get; init; }

    /// <summary><c>last_avail_wrap_counter</c>, bool: QEMU 4.2 and later.</summary>
    public int? LastAvailWrap { get; init; }

    /// <summary><c>shadow_avail_idx</c>, 16 bits: the guest's avail index as QEMU last read it.</summary>
    public required int ShadowAvailIndex { get; init; }

    /// <summary><c>used_idx</c>, 16 bits: how far QEMU has given requests back.</summary>
    public required int UsedIndex { get; init; }

    /// <summary><c>used_wrap_counter</c>, bool: QEMU 4.2 and later.</summary>
    public int? UsedWrap { get; init; }

    /// <summary><c>signalled_used</c>, 16 bits: used_idx when a notification was last considered.</summary>
    public required int SignalledUsed { get; init; }

    /// <summary><c>signalled_used_valid</c>, bool.</summary>
    public required int SignalledUsedValid { get; init; }

    /// <summary><c>notification</c>, bool: whether QEMU wants to be kicked.</summary>
    public int? Notification { get; init; }

    /// <summary><c>queue_index</c>, 16 bits.</summary>
    public required int QueueIndex { get; init; }

    /// <summary><c>inuse</c>, 32 bits: requests (packed ring: descriptors) taken and not given back.</summary>
    public required int InUse { get; init; }

    /// <summary><c>vector</c>, 16 bits: MSI-X vector, 0xffff for none.</summary>
    public required int Vector { get; init; }

    /// <summary><c>handle_output</c>, a pointer to code.</summary>
    public int? HandleOutput { get; init; }

    /// <summary><c>vdev</c>, a pointer: the device.</summary>
    public required int Device { get; init; }

    /// <summary><c>guest_notifier</c>, an EventNotifier: rfd and wfd, 32 bits each.</summary>
    public int? GuestNotifier { get; init; }

    /// <summary><c>host_notifier</c>, an EventNotifier.</summary>
    public int? HostNotifier { get; init; }

    /// <summary><c>host_notifier_enabled</c>, bool: QEMU 4.2 and later.</summary>
    public int? HostNotifierEnabled { get; init; }
}
