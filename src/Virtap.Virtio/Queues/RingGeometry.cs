namespace Virtap.Virtio.Queues;

/// <summary>Sizes and offsets of the parts of a ring (virtio 1.2, sections 2.7 and 2.8), as QEMU maps them.</summary>
internal readonly record struct RingGeometry(uint Number, bool Packed, bool EventIndex)
{
    private int EventBytes => EventIndex ? 2 : 0;

    /// <summary>Bytes of the descriptors.</summary>
    public ulong DescriptorBytes => 16ul * Number;

    /// <summary>Bytes of the avail ring, or of an event structure.</summary>
    public ulong AvailBytes => Packed ? 4 : 4 + 2ul * Number + (ulong)EventBytes;

    /// <summary>Bytes of the used ring, or of an event structure.</summary>
    public ulong UsedBytes => Packed ? 4 : 4 + 8ul * Number + (ulong)EventBytes;

    /// <summary>Where <c>used_event</c> lies in the avail ring.</summary>
    public ulong UsedEvent => 4 + 2ul * Number;

    /// <summary>Where <c>avail_event</c> lies in the used ring.</summary>
    public ulong AvailEvent => 4 + 8ul * Number;
}
