using System.Buffers.Binary;

namespace Virtap.Virtio.Queues;

/// <summary>
/// QEMU's mapping of a ring's three parts: <c>VRingMemoryRegionCaches { rcu, desc, avail, used }</c>, each a <c>MemoryRegionCache { ptr,
/// xlat, len, ... }</c> whose size differs from version to version. It is found from what the lengths must be, and checked by <c>ptr -
/// xlat</c>, which is the same for parts of one memory.
/// </summary>
internal static class RingCaches
{
    /// <summary>How much to read of the structure.</summary>
    public const int Size = First + 3 * LargestStride;

    // struct rcu_head: two pointers.
    private const int First = 16;
    private const int SmallestStride = 24;
    private const int LargestStride = 144;

    // MemoryRegionCache.fv, since 2.12; before, something else is there, which whoever follows it finds out.
    private const int FlatViewOffset = 24;

    /// <summary>Finds the addresses of the parts in QEMU's memory.</summary>
    /// <returns>False where the bytes are no such structure for this ring, or the ring is not in memory that QEMU accesses
    /// directly.</returns>
    public static bool TryFind(ReadOnlySpan<byte> caches, RingGeometry ring, out RingMapping mapping)
    {
        mapping = default;
        if (caches.Length < Size || Length(caches, First) != ring.DescriptorBytes || Pointer(caches, First) == 0)
            return false;
        for (int stride = SmallestStride; stride <= LargestStride; stride += 8)
        {
            int second = First + stride, third = second + stride;
            if (Length(caches, second) != ring.AvailBytes || Length(caches, third) != ring.UsedBytes
                || Origin(caches, second) != Origin(caches, First) || Origin(caches, third) != Origin(caches, First))
                continue;
            mapping = new RingMapping(
                Pointer(caches, First), Pointer(caches, second), Pointer(caches, third), Pointer(caches, First + FlatViewOffset));
            return true;
        }

        return false;
    }

    private static ulong Pointer(ReadOnlySpan<byte> caches, int at) => BinaryPrimitives.ReadUInt64LittleEndian(caches[at..]);

    private static ulong Origin(ReadOnlySpan<byte> caches, int at) =>
        unchecked(Pointer(caches, at) - BinaryPrimitives.ReadUInt64LittleEndian(caches[(at + 8)..]));

    private static ulong Length(ReadOnlySpan<byte> caches, int at) => BinaryPrimitives.ReadUInt64LittleEndian(caches[(at + 16)..]);
}

/// <summary>Where a ring lies in QEMU's memory.</summary>
/// <param name="Descriptors">The descriptors.</param>
/// <param name="Avail">The avail ring (packed: the driver's event structure).</param>
/// <param name="Used">The used ring (packed: the device's event structure).</param>
/// <param name="FlatView">QEMU's map of the device's address space, by which they were found.</param>
internal readonly record struct RingMapping(ulong Descriptors, ulong Avail, ulong Used, ulong FlatView);
