using Virtap.Virtio.Findings;
using static Virtap.Virtio.Findings.Field;

namespace Virtap.Virtio.Rings;

/// <summary>Where a descriptor stands.</summary>
/// <param name="Index">Its place in the ring, or in an indirect table.</param>
/// <param name="Table">The ring's descriptor that points to that table; null for a descriptor of the ring itself.</param>
public readonly record struct DescriptorIndex(int Index, int? Table)
{
    internal Field[] Fields => [Guest("descriptor", Index), Guest("table", Table)];
}

/// <summary>A request's head is no descriptor of the ring.</summary>
public sealed record NoSuchDescriptor(int Descriptor, int Number)
    : Observation("noSuchDescriptor", Guest("descriptor", Descriptor), Qemu("num", Number));

/// <summary>A descriptor is followed by one that does not exist.</summary>
/// <param name="Descriptor">The descriptor.</param>
/// <param name="Next">What it names as the next.</param>
/// <param name="Number">Entries of the ring, or of the table.</param>
public sealed record NoSuchNext(DescriptorIndex Descriptor, int Next, uint Number)
    : Observation("noSuchNext", [.. Descriptor.Fields, Guest("next", Next), Guest("entries", Number)]);

/// <summary>A chain goes on after as many descriptors as there are.</summary>
/// <param name="Next">Where it goes on.</param>
/// <param name="Number">Entries of the ring, or of the table.</param>
public sealed record EndlessChain(DescriptorIndex Next, int Number)
    : Observation("endlessChain", [.. Next.Fields, Guest("entries", Number)]);

/// <summary>A descriptor that is a table is followed by another one.</summary>
public sealed record TableWithNext(int Descriptor) : Observation("tableWithNext", Guest("descriptor", Descriptor));

/// <summary>A descriptor is a table, and the driver has not negotiated any.</summary>
public sealed record TableNotNegotiated(int Descriptor) : Observation("tableNotNegotiated", Guest("descriptor", Descriptor));

/// <summary>A table's length is no whole number of descriptors.</summary>
public sealed record OddTableLength(int Descriptor, uint Length)
    : Observation("oddTableLength", Guest("descriptor", Descriptor), Guest("length", Length));

/// <summary>A table has more entries than QEMU takes.</summary>
public sealed record TableTooLong(int Descriptor, uint Entries, int Limit)
    : Observation("tableTooLong", Guest("descriptor", Descriptor), Guest("entries", Entries), Qemu("limit", Limit));

/// <summary>An entry of a table is a table itself.</summary>
public sealed record TableInTable(DescriptorIndex Descriptor) : Observation("tableInTable", [.. Descriptor.Fields]);

/// <summary>A table cannot be read.</summary>
public sealed record TableUnreadable(ulong Address, UnreadableReason Why)
    : Observation("tableUnreadable", Guest("address", FieldValue.Address(Address)), Own("why", Why.ToString()));

/// <summary>What a request begins with cannot be read.</summary>
public sealed record HeadUnreadable(ulong Address) : Observation("headUnreadable", Guest("address", FieldValue.Address(Address)));

/// <summary>A descriptor's memory is none of the guest's.</summary>
public sealed record OutsideRam(DescriptorIndex Descriptor, ulong Address)
    : Observation("outsideRam", [.. Descriptor.Fields, Guest("address", FieldValue.Address(Address))]);

/// <summary>A descriptor has no bytes.</summary>
public sealed record EmptyDescriptor(DescriptorIndex Descriptor) : Observation("emptyDescriptor", [.. Descriptor.Fields]);

/// <summary>A descriptor is to be read, behind one that is to be written.</summary>
public sealed record ReadBehindWritten(DescriptorIndex Descriptor) : Observation("readBehindWritten", [.. Descriptor.Fields]);

/// <summary>A chain was not followed to its end: the ring's requests have more descriptors than are ever read.</summary>
public sealed record NotFollowed(int Limit) : Observation("notFollowed", Own("limit", Limit));

/// <summary>Why guest memory cannot be read at an address.</summary>
public enum UnreadableReason
{
    /// <summary>Guest memory is not to be found in QEMU's.</summary>
    NoGuestMemory,

    /// <summary>The guest has no RAM there.</summary>
    OutsideRam,

    /// <summary>The guest has RAM there, and it cannot be read: it is not in a core.</summary>
    NotThere,
}
