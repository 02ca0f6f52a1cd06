using static Virtap.Virtio.Findings.Field;

namespace Virtap.Virtio.Findings;

/// <summary>The parts of a ring in guest memory.</summary>
public enum RingPart
{
    Descriptors,

    /// <summary>The avail ring; of a packed ring, the driver's event structure.</summary>
    Avail,

    /// <summary>The used ring; of a packed ring, the device's event structure.</summary>
    Used,
}

/// <summary>Fields of a queue that cannot all be right.</summary>
public abstract record Contradiction(string Name, params IReadOnlyList<Field> Fields) : Observation(Name, Fields);

/// <summary>A ring of so many entries does not exist.</summary>
public sealed record ImpossibleSize(uint Number, bool IsPacked)
    : Contradiction("impossibleSize", Qemu("num", Number), Own("packed", IsPacked));

/// <summary>More is in use than the ring has entries.</summary>
public sealed record MoreInUseThanEntries(uint InUse, uint Number)
    : Contradiction("moreInUseThanEntries", Qemu("inuse", InUse), Qemu("num", Number));

/// <summary>What is in use is not what the indices say.</summary>
/// <param name="InUse">What QEMU counts.</param>
/// <param name="InFlight">What was taken and not given back, by the indices.</param>
/// <param name="LastAvail">How far QEMU has taken.</param>
/// <param name="Used">How far it has given back.</param>
public sealed record InUseDisagrees(uint InUse, long InFlight, ushort LastAvail, ushort Used)
    : Contradiction("inUseDisagrees",
        Qemu("inuse", InUse), Own("inFlight", InFlight), Qemu("last_avail_idx", LastAvail), Qemu("used_idx", Used));

/// <summary>An avail index further ahead of what QEMU has taken than the ring is long.</summary>
/// <param name="IsDrivers">Whether it is the driver's own, in guest memory; otherwise QEMU's copy of it.</param>
/// <param name="Index">The index.</param>
/// <param name="Ahead">How far ahead it is.</param>
/// <param name="LastAvail">How far QEMU has taken.</param>
/// <param name="Number">Entries of the ring.</param>
public sealed record AvailTooFarAhead(bool IsDrivers, ushort Index, int Ahead, ushort LastAvail, uint Number)
    : Contradiction("availTooFarAhead",
        IsDrivers ? Guest("avail.idx", Index) : Qemu("shadow_avail_idx", Index),
        Qemu("last_avail_idx", LastAvail), Own("ahead", Ahead), Qemu("num", Number));

/// <summary>The used index in guest memory, which QEMU alone writes, is not the one that QEMU has written.</summary>
public sealed record UsedIndexDiffers(ushort InGuest, ushort InQemu)
    : Contradiction("usedIndexDiffers", Guest("used.idx", InGuest), Qemu("used_idx", InQemu));

/// <summary>A part of a ring begins where none may.</summary>
public sealed record Misaligned(RingPart Part, ulong Address, uint Alignment)
    : Contradiction("misaligned", Own("part", Part.ToString()), Qemu("address", FieldValue.Address(Address)), Own("alignment", Alignment));

/// <summary>Two parts of a ring lie on top of each other.</summary>
public sealed record PartsOverlap(PartExtent One, PartExtent Other, uint Number)
    : Contradiction("partsOverlap",
        Own("part", One.Part.ToString()), Qemu("address", FieldValue.Address(One.Address)), Own("length", One.Length),
        Own("otherPart", Other.Part.ToString()), Qemu("otherAddress", FieldValue.Address(Other.Address)), Own("otherLength", Other.Length),
        Qemu("num", Number));

/// <summary>Where a part of a ring lies, in guest-physical addresses.</summary>
public readonly record struct PartExtent(RingPart Part, ulong Address, ulong Length)
{
    internal bool Overlaps(PartExtent other) => Address < other.Address + other.Length && other.Address < Address + Length;
}
