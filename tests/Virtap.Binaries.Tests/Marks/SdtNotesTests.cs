using Virtap.Binaries.Elf;
using Virtap.Binaries.Marks;
using Virtap.Binaries.Tests.Support;

namespace Virtap.Binaries.Tests.Marks;

public class SdtNotesTests
{
    private const ulong Code = 0x1000, Data = 0x3000;

    [Fact]
    public void A_mark_has_all_its_sites_in_order_of_address()
    {
        using ElfFile file = Built(
            ElfBuilder.SdtNote(Code + 8, "app", "hit", "8@%rax"), ElfBuilder.SdtNote(Code + 2, "app", "hit", "8@%rbx"),
            ElfBuilder.SdtNote(Code + 4, "other", "hit", ""));
        IReadOnlyList<Mark> marks = SdtNotes.Read(file);
        Assert.Equal(["app", "other"], marks.Select(mark => mark.Provider));
        Assert.Equal([Code + 2, Code + 8], marks[0].Sites.Select(site => site.Address));
        Assert.All(marks[0].Sites, site => Assert.True(file.TryAddress(site.FileOffset, out ulong address) && address == site.Address));
        Assert.Equal("(long)$rbx", Show.Of(marks[0].Sites[0].Arguments[0].Value!));
        Assert.All(marks, mark => Assert.Equal(MarkOrigin.Sdt, mark.Origin));
    }

    [Fact]
    public void A_semaphore_is_given_by_its_place_in_the_file()
    {
        using ElfFile file = Built(ElfBuilder.SdtNote(Code, "app", "hit", "", semaphore: Data + 2));
        ulong offset = SdtNotes.Read(file)[0].Sites[0].SemaphoreFileOffset;
        Assert.True(file.TryAddress(offset, out ulong address));
        Assert.Equal(Data + 2, address);
    }

    [Fact]
    public void What_prelink_moved_is_found_where_it_is_now()
    {
        var builder = new ElfBuilder();
        builder.Add(".text", ElfSectionType.ProgramBits, new byte[16], Code, flags: 4);
        builder.Add(".probes", ElfSectionType.ProgramBits, new byte[4], Data, flags: 1);
        builder.Add(".stapsdt.base", ElfSectionType.ProgramBits, [0], 0x2000);
        builder.Add(
            ".note.stapsdt", ElfSectionType.Note,
            ElfBuilder.SdtNote(Code + 1 - 0x800, "app", "hit", "", Data - 0x800, baseAddress: 0x2000 - 0x800));
        using ElfFile file = builder.File();
        MarkSite site = SdtNotes.Read(file)[0].Sites[0];
        Assert.Equal(Code + 1, site.Address);
        Assert.True(file.TryAddress(site.SemaphoreFileOffset, out ulong semaphore));
        Assert.Equal(Data, semaphore);
    }

    [Fact]
    public void Marks_are_found_by_the_note_segment_where_section_headers_are_stripped()
    {
        var builder = new ElfBuilder { WithoutSectionHeaders = true };
        builder.Add(".text", ElfSectionType.ProgramBits, new byte[16], Code, flags: 4);
        int notes = builder.Add(".note.stapsdt", ElfSectionType.Note, ElfBuilder.SdtNote(Code, "app", "hit", "8@$1"));
        using ElfFile file = builder.Segment(ElfSegmentType.Note, notes).File();
        Assert.True(SdtNotes.Any(file));
        Assert.Equal("hit", Assert.Single(SdtNotes.Read(file)).Name);
    }

    [Theory]
    [InlineData("hit", null, 2)]
    [InlineData("hit", "app", 1)]
    [InlineData("*", "app", 2)]
    [InlineData("h?t", "o*", 1)]
    [InlineData("long__name", null, 1)]
    [InlineData("long-name", "*", 1)]
    [InlineData("long-*", null, 1)]
    [InlineData("long_name", null, 0)]
    [InlineData("HIT", null, 0)]
    public void Marks_are_chosen_by_globs_in_which_a_dash_is_two_underscores(string name, string? provider, int count)
    {
        using ElfFile file = Built(
            ElfBuilder.SdtNote(Code, "app", "hit", ""), ElfBuilder.SdtNote(Code, "other", "hit", ""),
            ElfBuilder.SdtNote(Code, "app", "long__name", ""));
        Assert.Equal(count, SdtNotes.Read(file, new MarkPattern(name, provider)).Count);
    }

    [Fact]
    public void Notes_of_others_and_damaged_ones_are_passed_over()
    {
        byte[] cut = ElfBuilder.SdtNote(Code, "app", "cut", "8@%rax");
        cut[4] = 0xff; // the description reaches beyond the section
        using ElfFile file = Built(
            ElfBuilder.Note("GNU", 3, new byte[60]), ElfBuilder.Note("stapsdt", 2, new byte[60]),
            ElfBuilder.Note("stapsdt", 3, new byte[10]),
            ElfBuilder.Note("stapsdt", 3, [.. Enumerable.Repeat((byte)'x', 60)]), ElfBuilder.SdtNote(0x99999, "app", "nowhere", ""),
            ElfBuilder.SdtNote(Code, "app", "hit", ""), cut);
        Assert.Equal("hit", Assert.Single(SdtNotes.Read(file)).Name);
    }

    [Fact]
    public void A_file_without_notes_has_no_marks()
    {
        using ElfFile file = Built();
        Assert.False(SdtNotes.Any(file));
        Assert.Empty(SdtNotes.Read(file));
    }

    private static ElfFile Built(params byte[][] notes)
    {
        var builder = new ElfBuilder();
        builder.Add(".text", ElfSectionType.ProgramBits, new byte[16], Code, flags: 4);
        builder.Add(".probes", ElfSectionType.ProgramBits, new byte[4], Data, flags: 1);
        builder.Add(".note.stapsdt", ElfSectionType.Note, [.. notes.SelectMany(note => note)]);
        return builder.File();
    }
}
