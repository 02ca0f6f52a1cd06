using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Virtap.Processes.Memory;

namespace Virtap.Virtio.Rings;

/// <summary>
/// Searches QEMU's heap for the requests that it works on. A <c>VirtQueueElement</c> is unmistakable: its four pointers lead into its own
/// block of memory, in distances that follow from its two counts (virtqueue_alloc_element, the same since 2.6; its fields since 4.2). One
/// that was freed is known by what glibc writes over its beginning, or into the block behind it.
/// </summary>
internal static class ElementScan
{
    private const MappingProtection ReadWrite = MappingProtection.Read | MappingProtection.Write;

    // Guest memory is left out, and the rest of a QEMU is rarely more than some hundred megabytes: an end for one that is.
    private const ulong MaximumTotal = 1ul << 30;
    private const int ChunkSize = 1 << 20;

    // struct VirtQueueElement: index, len, ndescs, out_num, in_num; in_addr, out_addr, in_sg, out_sg.
    private const int DescriptorCount = 8;
    private const int OutCount = 12;
    private const int InCount = 16;
    private const int InAddresses = 24;
    private const int OutAddresses = 32;
    private const int InVectors = 40;
    private const int OutVectors = 48;
    private const int ElementSize = 56;
    private const int VectorSize = 16;

    // A device's own request begins with the element; its arrays follow it.
    private const ulong LargestRequest = 4096;

    // VIRTQUEUE_MAX_SIZE.
    private const uint MaximumPieces = 1024;

    // malloc_chunk of glibc: the size stands before the block, with flags in its lowest three bits; bit 0 of the next chunk's says that
    // this one is in use.
    private const int ChunkHead = 8;
    private const ulong ChunkFlags = 7;
    private const ulong LargestChunk = 1 << 20;

    /// <summary>Finds the requests that belong to a queue, or may.</summary>
    /// <param name="memory">QEMU's memory.</param>
    /// <param name="mappings">Its mappings.</param>
    /// <param name="guest">Where guest memory lies in it.</param>
    /// <param name="number">Entries of the ring.</param>
    /// <param name="queue">Address of the VirtQueue.</param>
    /// <returns>Elements that name the queue, and elements that name none.</returns>
    public static IReadOnlyList<QueueElement> Find(
        TargetMemory memory, IEnumerable<Mapping> mappings, IReadOnlyList<(ulong Start, ulong Length)> guest, uint number, ulong queue)
    {
        var found = new List<QueueElement>();
        byte[] buffer = new byte[ChunkSize + ElementSize];
        ulong total = 0;
        foreach (Mapping mapping in mappings.Where(
            m => (m.Protection & (ReadWrite | MappingProtection.Shared | MappingProtection.Execute)) == ReadWrite && !m.IsFile
            && !guest.Any(g => g.Start < m.End && m.Start < g.Start + g.Length)).OrderBy(m => m.Length))
        {
            if ((total += mapping.Length) > MaximumTotal)
                break;
            for (ulong at = mapping.Start; at < mapping.End; at += ChunkSize)
            {
                int read = memory.Read(at, buffer.AsSpan(0, (int)Math.Min((ulong)buffer.Length, mapping.End - at)));
                Search(memory, at, buffer.AsSpan(0, read), number, queue, found);
            }
        }

        return found;
    }

    private static void Search(
        TargetMemory memory, ulong start, ReadOnlySpan<byte> bytes, uint number, ulong queue, List<QueueElement> found)
    {
        // Blocks of any allocator are aligned to 16 bytes.
        for (int at = 0; at + ElementSize <= bytes.Length && at < ChunkSize; at += 16)
        {
            ReadOnlySpan<byte> one = bytes.Slice(at, ElementSize);
            ulong address = start + (ulong)at, own = MemoryMarshal.Read<ulong>(one[InAddresses..]) - address;
            if (own is >= ElementSize and <= LargestRequest && Read(memory, address, one, own, number, queue) is { } element)
                found.Add(element);
        }
    }

    private static QueueElement? Read(TargetMemory memory, ulong address, ReadOnlySpan<byte> one, ulong own, uint number, ulong queue)
    {
        uint index = BinaryPrimitives.ReadUInt32LittleEndian(one),
        descriptors = BinaryPrimitives.ReadUInt32LittleEndian(one[DescriptorCount..]);
        uint reads = BinaryPrimitives.ReadUInt32LittleEndian(one[OutCount..]),
        writes = BinaryPrimitives.ReadUInt32LittleEndian(one[InCount..]);
        ulong outAddresses = address + own + 8ul * writes, inVectors = outAddresses + 8ul * reads, outVectors = inVectors
            + VectorSize * (ulong)writes;
        if (index >= number || descriptors is 0 or > MaximumPieces || reads > MaximumPieces || writes > MaximumPieces
            || reads + writes == 0 || own % 8 != 0
            || BinaryPrimitives.ReadUInt64LittleEndian(one[OutAddresses..]) != outAddresses
            || BinaryPrimitives.ReadUInt64LittleEndian(one[InVectors..]) != inVectors
            || BinaryPrimitives.ReadUInt64LittleEndian(one[OutVectors..]) != outVectors)
            return null;
        byte[] block = new byte[(int)(outVectors + VectorSize * (ulong)reads - address)];
        if (!memory.TryRead(address, block) || !block.AsSpan(0, ElementSize).SequenceEqual(one)
            || IsFreed(memory, address, (ulong)block.Length))
            return null;
        var pieces = new List<ElementPiece>();
        for (int n = 0; n < reads + writes; n++)
        {
            bool isWritten = n >= reads;
            int nth = isWritten ? n - (int)reads : n;
            int place = (int)((isWritten ? address + own : outAddresses) - address)
                + 8 * nth, vector = (int)((isWritten ? inVectors : outVectors) - address) + VectorSize * nth;
            pieces.Add(
                new ElementPiece(
                    BinaryPrimitives.ReadUInt64LittleEndian(block.AsSpan(place)),
                    BinaryPrimitives.ReadUInt64LittleEndian(block.AsSpan(vector + 8)), isWritten));
        }

        bool namesQueue = MemoryMarshal.Cast<byte, ulong>(block.AsSpan(ElementSize, (int)own - ElementSize)).Contains(queue);
        return new QueueElement(address, index, descriptors, namesQueue, pieces);
    }

    // The block behind a chunk of glibc says whether the chunk is free. Where the size before an element is none, another allocator gave
    // it.
    private static bool IsFreed(TargetMemory memory, ulong address, ulong length) =>
        memory.TryRead(address - ChunkHead, out ulong size) && (size &= ~ChunkFlags) >= length + ChunkHead && size <= LargestChunk
            && size % 16 == 0
        && memory.TryRead(address + size - ChunkHead, out ulong next) && (next & 1) == 0;
}
