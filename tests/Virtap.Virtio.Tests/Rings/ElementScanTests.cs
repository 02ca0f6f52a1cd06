using System.Text;
using Virtap.Processes.Memory;
using Virtap.Virtio.Rings;
using Virtap.Virtio.Tests.Support;

namespace Virtap.Virtio.Tests.Rings;

/// <summary>QEMU's own copies of requests, as virtqueue_alloc_element and glibc lay them out.</summary>
public class ElementScanTests
{
    private const ulong Heap = 0x10000;
    private const ulong Element = 0x10400;
    private const ulong Queue = 0x55d0c9a4b000;
    private const int RequestSize = 240;

    private readonly MadeMemory _memory = new();

    public ElementScanTests()
    {
        _memory.Write(Heap, new byte[0x1000]);
        // One piece to read, two to write.
        Write(index: 7, reads: [(0x1000, 16)], writes: [(0x2000, 4096), (0x3000, 1)]);
    }

    [Fact]
    public void A_request_is_found_with_its_pieces_and_the_queue_that_it_names()
    {
        _memory.Write(Element + 64, Queue);

        QueueElement element = Assert.Single(Find());

        Assert.Equal((Element, 7u, true), (element.Address, element.Index, element.NamesQueue));
        Assert.Equal([new(0x1000, 16, false), new(0x2000, 4096, true), new(0x3000, 1, true)], element.Pieces);
        Assert.True(element.IsMadeOf(Descriptors((0x1000, 16, false), (0x2000, 4096, true), (0x3000, 1, true))));
        Assert.False(element.IsMadeOf(Descriptors((0x1000, 16, false), (0x2000, 4096, true))));
        Assert.False(element.IsMadeOf(Descriptors((0x1000, 16, false), (0x2000, 4096, true), (0x3000, 2, true))));
        Assert.False(element.IsMadeOf(Descriptors((0x1000, 16, true), (0x2000, 4096, true), (0x3000, 1, true))));
    }

    [Fact]
    public void A_piece_that_QEMU_had_to_cut_is_still_one_descriptor()
    {
        Write(index: 7, reads: [(0x1000, 16)], writes: [(0x2000, 1000), (0x23e8, 3096)]);

        Assert.True(Assert.Single(Find()).IsMadeOf(Descriptors((0x1000, 16, false), (0x2000, 4096, true))));
    }

    [Fact]
    public void One_that_names_no_queue_is_found_too()
    {
        Assert.False(Assert.Single(Find()).NamesQueue);
    }

    [Fact]
    public void One_that_was_freed_is_not_found()
    {
        // glibc clears the flag that the chunk before is in use.
        _memory.Write<ulong>(Element - 16 + 0x140 + 8, 0x140);

        Assert.Empty(Find());
    }

    [Fact]
    public void One_with_a_head_that_the_ring_does_not_have_is_not_found()
    {
        Write(index: 128, reads: [(0x1000, 16)], writes: []);

        Assert.Empty(Find());
    }

    [Fact]
    public void One_whose_arrays_are_elsewhere_is_not_found()
    {
        _memory.Write(Element + 40, Element + 8);

        Assert.Empty(Find());
    }

    [Fact]
    public void Guest_memory_is_not_searched() => Assert.Empty(Find((Heap, 0x1000)));

    private IReadOnlyList<QueueElement> Find(params (ulong Start, ulong Length)[] guest) =>
        ElementScan.Find(
            _memory, Mappings.Parse(Encoding.UTF8.GetBytes("00010000-00011000 rw-p 00000000 00:00 0                          [heap]\n")),
            guest, 128, Queue);

    private void Write(uint index, (ulong Address, ulong Length)[] reads, (ulong Address, ulong Length)[] writes)
    {
        _memory.Write<ulong>(Element - 8, 0x141);
        _memory.Write<ulong>(Element - 16 + 0x140 + 8, 0x141);
        _memory.Write(Element, index);
        _memory.Write(Element + 8, 1);
        _memory.Write(Element + 12, reads.Length);
        _memory.Write(Element + 16, writes.Length);
        ulong at = Element + RequestSize;
        _memory.Write(Element + 24, at);
        Array(writes.Select(w => w.Address), 8);
        _memory.Write(Element + 32, at);
        Array(reads.Select(r => r.Address), 8);
        _memory.Write(Element + 40, at);
        Array(writes.Select(w => w.Length), 16);
        _memory.Write(Element + 48, at);
        Array(reads.Select(r => r.Length), 16);

        // Addresses of 8 bytes; vectors of 16, with the length behind the address.
        void Array(IEnumerable<ulong> values, ulong size)
        {
            foreach (ulong value in values)
            {
                _memory.Write(at + size - 8, value);
                at += size;
            }
        }
    }

    private static RingDescriptor[] Descriptors(params (ulong Address, uint Length, bool IsWritten)[] pieces) =>
        [.. pieces.Select(
            (p, n) => new RingDescriptor(n, false, p.Address, p.Length, p.IsWritten ? DescriptorFlags.Write : DescriptorFlags.None))];
}
