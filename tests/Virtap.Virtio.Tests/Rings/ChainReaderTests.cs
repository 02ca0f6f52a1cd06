using System.Runtime.InteropServices;
using CsCheck;
using Virtap.Virtio.Findings;
using Virtap.Virtio.Guests;
using Virtap.Virtio.Rings;
using Virtap.Virtio.Tests.Support;
using static Virtap.Virtio.Rings.DescriptorFlags;

namespace Virtap.Virtio.Tests.Rings;

/// <summary>Chains of descriptors, sound ones and such as only a broken driver makes.</summary>
public class ChainReaderTests
{
    private const int Number = 8;
    private const ulong Table = 0x8000;

    private readonly MadeGuest _guest = new();
    private readonly byte[] _ring = new byte[Number * ChainReader.DescriptorSize];

    [Fact]
    public void A_chain_is_followed_through_the_ring()
    {
        Put(3, 0x1000, 16, Next, 6);
        Put(6, 0x2000, 4096, Next | Write, 1);
        Put(1, 0x3000, 1, Write, 0);

        var (descriptors, findings) = Read(3);

        Assert.Empty(findings);
        Assert.Equal([3, 6, 1], descriptors.Select(d => d.Index));
        Assert.Equal([0x1000ul, 0x2000, 0x3000], descriptors.Select(d => d.Address));
        Assert.Equal([16u, 4096, 1], descriptors.Select(d => d.Length));
        Assert.Equal([false, true, true], descriptors.Select(d => d.IsWritten));
        Assert.All(descriptors, d => Assert.False(d.IsInTable));
    }

    [Fact]
    public void An_indirect_table_is_followed_in_guest_memory()
    {
        Put(0, Table, 48, Indirect, 0);
        PutInTable(0, 0x1000, 16, Next, 2);
        PutInTable(2, 0x2000, 512, Next | Write, 1);
        PutInTable(1, 0x3000, 1, Write, 0);

        var (descriptors, findings) = Read(0);

        Assert.Empty(findings);
        Assert.Equal([(0, false), (0, true), (2, true), (1, true)], descriptors.Select(d => (d.Index, d.IsInTable)));
    }

    [Fact]
    public void A_packed_ring_s_table_is_read_from_end_to_end()
    {
        PutPacked(_ring, 5, Table, 32, Indirect);
        byte[] table = new byte[32];
        PutPacked(table, 0, 0x1000, 16, None);
        PutPacked(table, 1, 0x3000, 1, Write);
        _guest.Memory.Write(MadeGuest.Host + Table, table);

        var (descriptors, findings) = Read(5, isPacked: true);

        Assert.Empty(findings);
        Assert.Equal([5, 0, 1], descriptors.Select(d => d.Index));
    }

    [Fact]
    public void A_packed_chain_goes_round_the_end_of_the_ring()
    {
        PutPacked(_ring, 7, 0x1000, 16, Next);
        PutPacked(_ring, 0, 0x3000, 1, Write);

        Assert.Equal([7, 0], Read(7, isPacked: true).Descriptors.Select(d => d.Index));
    }

    [Fact]
    public void A_loop_ends_and_is_told()
    {
        Put(2, 0x1000, 16, Next, 4);
        Put(4, 0x2000, 16, Next, 2);

        var (descriptors, findings) = Read(2);

        Assert.Equal(Number, descriptors.Count);
        Broken(findings, new EndlessChain(new DescriptorIndex(2, null), 8));
    }

    [Fact]
    public void A_loop_in_a_table_ends_and_is_told()
    {
        Put(0, Table, 32, Indirect, 0);
        PutInTable(0, 0x1000, 16, Next, 1);
        PutInTable(1, 0x2000, 16, Next, 0);

        var (descriptors, findings) = Read(0);

        Assert.Equal(3, descriptors.Count);
        Broken(findings, new EndlessChain(new DescriptorIndex(0, 0), 2));
    }

    [Theory]
    [InlineData(8)]
    [InlineData(65535)]
    public void A_next_out_of_the_ring_is_told(ushort next)
    {
        Put(2, 0x1000, 16, Next, next);

        Broken(Read(2).Findings, new NoSuchNext(new DescriptorIndex(2, null), next, 8));
    }

    [Fact]
    public void A_next_out_of_the_table_is_told()
    {
        Put(0, Table, 32, Indirect, 0);
        PutInTable(0, 0x1000, 16, Next, 2);
        PutInTable(1, 0x1000, 16, None, 0);

        Broken(Read(0).Findings, new NoSuchNext(new DescriptorIndex(0, 0), 2, 2));
    }

    [Fact]
    public void A_head_out_of_the_ring_is_told() => Broken(Read(8).Findings, new NoSuchDescriptor(8, 8));

    [Fact]
    public void A_table_in_a_table_is_told_and_not_followed()
    {
        Put(0, Table, 32, Indirect, 0);
        PutInTable(0, 0x1000, 16, Next, 1);
        PutInTable(1, Table, 32, Indirect, 0);

        var (descriptors, findings) = Read(0);

        Assert.Equal(3, descriptors.Count);
        Broken(findings, new TableInTable(new DescriptorIndex(1, 0)));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(40)]
    public void A_table_of_no_whole_number_of_descriptors_is_told(uint length)
    {
        Put(0, Table, length, Indirect, 0);

        Broken(Read(0).Findings, new OddTableLength(0, length));
    }

    [Fact]
    public void A_table_longer_than_any_that_QEMU_takes_is_read_no_further_than_that()
    {
        Put(0, Table, 0xfffffff0, Indirect, 0);
        for (ushort n = 0; n < 1024; n++)
            PutInTable(n, 0x1000, 16, Next, (ushort)(n + 1));

        var (descriptors, findings) = Read(0);

        Assert.Equal(1025, descriptors.Count);
        Broken(findings, new TableTooLong(0, 268435455, 1024));
    }

    [Fact]
    public void A_table_with_a_next_of_its_own_is_told()
    {
        Put(0, Table, 16, Indirect | Next, 1);
        PutInTable(0, 0x1000, 16, None, 0);

        Broken(Read(0).Findings, new TableWithNext(0));
    }

    [Fact]
    public void A_table_that_the_driver_has_not_negotiated_is_told()
    {
        Put(0, Table, 16, Indirect, 0);
        PutInTable(0, 0x1000, 16, None, 0);
        var findings = new List<Finding>();

        new ChainReader(_ring, isPacked: false, hasIndirect: false, _guest.Find()).Read(0, findings);

        Broken(findings, new TableNotNegotiated(0));
    }

    [Fact]
    public void A_table_where_the_guest_has_no_RAM_is_told()
    {
        Put(0, MadeGuest.Registers, 16, Indirect, 0);

        Assert.Equal([new Finding(FindingKind.Caution, new TableUnreadable(0x100000, UnreadableReason.OutsideRam))], Read(0).Findings);
    }

    [Fact]
    public void A_piece_to_read_behind_one_to_write_is_told()
    {
        Put(0, 0x1000, 16, Next | Write, 1);
        Put(1, 0x1000, 16, None, 0);

        Broken(Read(0).Findings, new ReadBehindWritten(new DescriptorIndex(1, null)));
    }

    [Fact]
    public void A_piece_in_a_table_is_told_with_the_table()
    {
        Put(2, 0x1000, 16, Next, 5);
        Put(5, Table, 32, Indirect, 0);
        PutInTable(0, 0x1000, 16, Next | Write, 1);
        PutInTable(1, 0x1000, 16, None, 0);

        Broken(Read(2).Findings, new ReadBehindWritten(new DescriptorIndex(1, 5)));
    }

    [Fact]
    public void An_empty_piece_is_told()
    {
        Put(0, 0x1000, 0, None, 0);

        Broken(Read(0).Findings, new EmptyDescriptor(new DescriptorIndex(0, null)));
    }

    [Fact]
    public void A_piece_where_the_guest_has_no_RAM_is_told()
    {
        Put(0, 0xdead000000, 16, None, 0);

        Assert.Equal([new Finding(FindingKind.Caution, new OutsideRam(new DescriptorIndex(0, null), 0xdead000000))], Read(0).Findings);
    }

    [Fact]
    public void Whatever_a_ring_holds_it_is_read_in_bounds()
    {
        Gen.Select(Gen.Byte.Array[Number * ChainReader.DescriptorSize], Gen.Byte.Array[256], Gen.Bool, Gen.Int[0, Number])
            .Sample((ring, table, isPacked, head) =>
        {
            var guest = new MadeGuest();
            guest.Memory.Write(MadeGuest.Host, table);
            // Addresses that lead somewhere.
            for (int n = 0; n < Number; n++)
                ring.AsSpan(n * 16 + 1, 7).Clear();
            GuestMemory memory = guest.Find();
            List<RingDescriptor> descriptors = new ChainReader(ring, isPacked, hasIndirect: true, memory).Read(head, []);
            Assert.InRange(descriptors.Count, 0, Number + 1024);
        });
    }

    private static void Broken(List<Finding> findings, Observation what) => Assert.Equal([new Finding(FindingKind.Broken, what)], findings);

    private (List<RingDescriptor> Descriptors, List<Finding> Findings) Read(int head, bool isPacked = false)
    {
        var findings = new List<Finding>();
        return (new ChainReader(_ring, isPacked, hasIndirect: true, _guest.Find()).Read(head, findings), findings);
    }

    private void Put(int index, ulong address, uint length, DescriptorFlags flags, ushort next) =>
        Descriptor(address, length, (ushort)flags, next).CopyTo(_ring, index * 16);

    private void PutInTable(int index, ulong address, uint length, DescriptorFlags flags, ushort next) =>
        _guest.Memory.Write(MadeGuest.Host + Table + 16 * (ulong)index, Descriptor(address, length, (ushort)flags, next));

    private static void PutPacked(byte[] table, int index, ulong address, uint length, DescriptorFlags flags) =>
        Descriptor(address, length, 0, (ushort)flags).CopyTo(table, index * 16);

    private static byte[] Descriptor(ulong address, uint length, ushort third, ushort fourth)
    {
        byte[] bytes = new byte[16];
        MemoryMarshal.Write(bytes, address);
        MemoryMarshal.Write(bytes.AsSpan(8), length);
        MemoryMarshal.Write(bytes.AsSpan(12), third);
        MemoryMarshal.Write(bytes.AsSpan(14), fourth);
        return bytes;
    }
}
