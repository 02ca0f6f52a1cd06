using Virtap.Virtio.Findings;

namespace Virtap.Virtio.Rings;

/// <summary>A request (a buffer, as the specification calls it) that the driver has put into a ring.</summary>
public sealed record RingRequest
{
    /// <summary>Split ring: its first descriptor, which is its name in both rings. Packed ring: its buffer id.</summary>
    public required int Head { get; init; }

    /// <summary>
    /// Where it was offered. Split ring: the avail index, modulo 2^16. Packed ring: its first descriptor's place. Null where that has been
    /// written over.
    /// </summary>
    public required int? OfferedAt { get; init; }

    /// <summary>
    /// Whether it is sure to be where it is: for one in flight, whether QEMU's own copy of it was found. Otherwise the ring says so, which
    /// keeps the last offers and completions, and not how they took turns: right where requests complete about in the order they were
    /// offered.
    /// </summary>
    public bool IsCertain { get; init; }

    /// <summary>Its pieces in their order; behind a table those in it.</summary>
    public required IReadOnlyList<RingDescriptor> Descriptors { get; init; }

    /// <summary>What is wrong with it, or could not be read.</summary>
    public IReadOnlyList<Finding> Findings { get; init; } = [];

    /// <summary>What it asks a disk for; null for other devices, and where it could not be read.</summary>
    public BlockRequest? Block { get; init; }

    /// <summary>How long it has been in flight, or has waited to be taken; null where nothing tells.</summary>
    public RequestAge? Age { get; init; }

    /// <summary>Bytes that the device reads.</summary>
    public ulong ReadLength => Length(written: false);

    /// <summary>Bytes that the device writes.</summary>
    public ulong WrittenLength => Length(written: true);

    private ulong Length(bool written)
    {
        ulong length = 0;
        foreach (RingDescriptor descriptor in Descriptors)
        {
            if (!descriptor.IsTable && descriptor.IsWritten == written)
                length += descriptor.Length;
        }

        return length;
    }
}

/// <summary>
/// How long a request has been where it is, by looks at the ring's indices: it had come by one look, and not by the look before.
/// </summary>
/// <param name="AtLeast">Since the first look that found it there.</param>
/// <param name="AtMost">Since the last look that did not; null where every look found it.</param>
public readonly record struct RequestAge(TimeSpan AtLeast, TimeSpan? AtMost);
