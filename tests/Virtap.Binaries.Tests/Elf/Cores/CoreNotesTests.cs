using System.Buffers.Binary;
using System.Text;
using CsCheck;
using Virtap.Binaries.Elf;
using Virtap.Binaries.Elf.Cores;
using Virtap.Binaries.Tests.Support;

namespace Virtap.Binaries.Tests.Elf.Cores;

public class CoreNotesTests
{
    [Fact]
    public void The_notes_of_a_core_say_what_the_process_was()
    {
        byte[] status = new byte[336];
        BinaryPrimitives.WriteInt16LittleEndian(status.AsSpan(12), 6);
        BinaryPrimitives.WriteInt32LittleEndian(status.AsSpan(32), 4712);
        byte[] info = new byte[136];
        BinaryPrimitives.WriteInt32LittleEndian(info.AsSpan(24), 4711);
        "qemu-system-x86"u8.CopyTo(info.AsSpan(40));
        "qemu-system-x86_64 -name vm1 "u8.CopyTo(info.AsSpan(56));
        byte[] files = [.. Longs(2, 4096, 0x1000, 0x3000, 0, 0x5000, 0x6000, 7), .. "/usr/bin/qemu\0/lib/x.so\0"u8];

        CoreNotes notes = Read(
            ("CORE", 1, status), ("CORE", 3, info), ("CORE", 6, Longs(9, 0x1234, 3, 0x1040, 0, 0)), ("CORE", 0x46494c45, files),
            ("LINUX", 6, Longs(9, 1)));

        Assert.Equal(
            (4711, "qemu-system-x86", "qemu-system-x86_64 -name vm1", 6), (notes.ProcessId, notes.Name, notes.Arguments, notes.Signal));
        Assert.Equal([4712], notes.Threads.Select(static each => each.Id));
        Assert.Equal(
            [new CoreMapping(0x1000, 0x3000, 0, "/usr/bin/qemu"), new CoreMapping(0x5000, 0x6000, 7 * 4096, "/lib/x.so")], notes.Mappings);
        Assert.Equal((0x1234ul, 0x1040ul, null), (notes.AuxiliaryValue(9), notes.AuxiliaryValue(3), notes.AuxiliaryValue(25)));
    }

    [Fact]
    public void A_core_without_notes_says_nothing()
    {
        CoreNotes notes = CoreNotes.Read(new ElfBuilder(kind: ElfKind.Core).File());

        Assert.Equal((null, null, ""), (notes.ProcessId, notes.Signal, notes.Name));
        Assert.Empty(notes.Mappings);
    }

    [Fact]
    public void A_list_of_files_that_is_longer_than_its_note_is_none() =>
        Assert.Empty(Read(("CORE", 0x46494c45, [.. Longs(1ul << 60, 4096, 0x1000, 0x3000, 0), .. "/usr/bin/qemu\0"u8])).Mappings);

    [Fact]
    public void A_core_that_was_cut_before_its_sections_can_be_read()
    {
        var builder = new ElfBuilder(kind: ElfKind.Core);
        builder.Segment(ElfSegmentType.Note, builder.Add("note0", ElfSectionType.Note, ElfBuilder.Note("CORE", 6, Longs(9, 0x1234))));
        byte[] whole = builder.Bytes();

        CoreNotes notes = CoreNotes.Read(ElfFile.FromBytes(whole.AsMemory(0, whole.Length - 100), "cut"));

        Assert.Equal(0x1234ul, notes.AuxiliaryValue(9));
    }

    [Fact]
    public void Whatever_the_notes_are_they_are_read_in_bounds() =>
        Gen.Select(Gen.OneOf(Gen.UInt[1, 6], Gen.Const(0x46494c45u), Gen.Const(0x53494749u)), Gen.Byte.Array[0, 400])
            .Sample((type, bytes) => _ = Read(("CORE", type, bytes)));

    private static CoreNotes Read(params (string Owner, uint Type, byte[] Description)[] notes)
    {
        var builder = new ElfBuilder(kind: ElfKind.Core) { WithoutSectionHeaders = true };
        builder.Segment(
            ElfSegmentType.Note,
            builder.Add("note0", ElfSectionType.Note, [.. notes.SelectMany(n => ElfBuilder.Note(n.Owner, n.Type, n.Description))]));
        return CoreNotes.Read(builder.File());
    }

    private static byte[] Longs(params ulong[] values) => [.. values.SelectMany(BitConverter.GetBytes)];
}
