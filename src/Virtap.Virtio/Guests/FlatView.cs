using System.Buffers.Binary;
using Virtap.Processes.Memory;

namespace Virtap.Virtio.Guests;

/// <summary>
/// QEMU's <c>struct FlatView</c> (include/exec/memory.h): what lies where in an address space of the guest, as ranges that do not overlap.
/// The structure is public in QEMU's source and has been the same since 2.12; it is believed when its ranges are in order.
/// </summary>
internal static class FlatView
{
    // rcu_head (two pointers), ref; then ranges, nr, nr_allocated.
    private const int RangesOffset = 24;
    private const int CountOffset = 32;
    private const int CapacityOffset = 36;
    private const int HeadSize = 40;

    // struct FlatRange: mr, offset_in_region; AddrRange { Int128 start, size }; flags.
    private const int RangeSize = 64;
    private const int RegionOffset = 0;
    private const int WithinOffset = 8;
    private const int StartOffset = 16;
    private const int LengthOffset = 32;

    // A guest with hundreds of devices has some hundreds of ranges.
    private const int MaximumRanges = 1 << 16;

    /// <summary>Reads the ranges; null where there is no such structure.</summary>
    public static FlatRange[]? Read(TargetMemory memory, ulong address)
    {
        Span<byte> head = stackalloc byte[HeadSize];
        if (address == 0 || !memory.TryRead(address, head))
            return null;
        uint count = BinaryPrimitives.ReadUInt32LittleEndian(head[CountOffset..]);
        if (count is 0 or > MaximumRanges || count > BinaryPrimitives.ReadUInt32LittleEndian(head[CapacityOffset..]))
            return null;
        byte[] bytes = new byte[count * RangeSize];
        if (!memory.TryRead(BinaryPrimitives.ReadUInt64LittleEndian(head[RangesOffset..]), bytes))
            return null;
        var ranges = new FlatRange[count];
        for (int n = 0; n < ranges.Length; n++)
        {
            ReadOnlySpan<byte> one = bytes.AsSpan(n * RangeSize, RangeSize);
            UInt128 start = BinaryPrimitives.ReadUInt128LittleEndian(one[StartOffset..]), end = start
                + BinaryPrimitives.ReadUInt128LittleEndian(one[LengthOffset..]);
            var range = new FlatRange(
                BinaryPrimitives.ReadUInt64LittleEndian(one[RegionOffset..]), BinaryPrimitives.ReadUInt64LittleEndian(one[WithinOffset..]),
                (ulong)start, (ulong)(end - start));
            if (range.Region == 0 || end <= start || end > (UInt128)1 << 64 || n > 0
                && range.Start < ranges[n - 1].Start + ranges[n - 1].Length)
                return null;
            ranges[n] = range;
        }

        return ranges;
    }
}

/// <summary>A range of an address space of the guest.</summary>
/// <param name="Region">Address of its <c>MemoryRegion</c>.</param>
/// <param name="Within">Where in the region it begins.</param>
/// <param name="Start">Its first guest-physical address.</param>
/// <param name="Length">Bytes.</param>
internal readonly record struct FlatRange(ulong Region, ulong Within, ulong Start, ulong Length);
