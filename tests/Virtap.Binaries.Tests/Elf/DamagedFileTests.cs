using CsCheck;
using Virtap.Binaries.Elf;
using Virtap.Binaries.Functions;
using Virtap.Binaries.Marks;
using Virtap.Binaries.Tests.Support;
using Virtap.Names;

namespace Virtap.Binaries.Tests.Elf;

/// <summary>Files with bytes changed, cut short, or made up: nothing but <see cref="ElfFormatException"/> comes out of them.</summary>
public class DamagedFileTests
{
    private const int HeaderSize = 64;

    // Values that lengths and offsets are wrong by.
    private static readonly Gen<ulong> s_evil = Gen.OneOf(
        Gen.ULong[0, 300], Gen.ULong[0, ulong.MaxValue],
        Gen.OneOf(ulong.MaxValue, ulong.MaxValue - 7, 1UL << 63, 0x7fff_ffffUL, 0xffff_ffffUL, 0x7fff_ffff_ffff_fff8UL));

    [Fact]
    public void A_built_file_with_changed_bytes_gives_answers_or_a_format_error() => Damage(Built(), 6_000);

    [Fact]
    public void A_compiled_program_with_changed_bytes_gives_answers_or_a_format_error()
    {
        using CProgram program = CProgram.Compile(
            """
            #include <sys/sdt.h>
            int shared = 3;
            int *pointer = &shared;
            int main(int argc, char **argv) { STAP_PROBE2(app, hit, argc, shared); return 0; }
            """, "-O1", "-Wl,-z,pack-relative-relocs");
        Damage(File.ReadAllBytes(program.Binary), 1_000);
    }

    [Fact]
    public void Random_bytes_behind_a_sound_header_give_answers_or_a_format_error()
    {
        byte[] header = Built()[..HeaderSize];
        Gen.Byte.Array[0, 2000].Sample(bytes => Exercise([.. header, .. bytes]), iter: 2_000);
    }

    [Fact]
    public void A_file_cut_short_anywhere_gives_answers_or_a_format_error()
    {
        byte[] whole = Built();
        for (int length = 0; length < whole.Length; length++)
            Exercise(whole[..length]);
    }

    [Fact]
    public void The_file_that_is_damaged_here_is_sound_itself()
    {
        using ElfFile file = ElfFile.FromBytes(Built(), "sound");
        Assert.Equal("program.debug", file.DebugLink?.FileName);
        Assert.Equal("01020304", file.BuildId);
        Assert.Equal("main", file.DynamicSymbols[1].Name);
        Assert.Equal(3, file.Symbols.Count - 1);
        Assert.Single(SdtNotes.Read(file));

        // One place by its address, then bits 3 to 6 of the words that follow it; what stands there is the addend.
        Assert.Equal(
            new ulong[] { 0x3020, 0x3028, 0x3030, 0x3038 }, file.Relocations.All.ToArray().Select(r => r.Address)
            .Where(address => address > 0x3000));
        Assert.True(file.Relocations.TryFind(0x3028, out ElfRelocation relocation));
        Assert.Equal(new ElfRelocation(0x3028, ElfRelocationKind.Relative, 0, 64), relocation);
    }

    [Fact]
    public void A_section_beyond_the_end_is_named()
    {
        var builder = new ElfBuilder();
        builder.Add(".text", ElfSectionType.ProgramBits, new byte[16], 0x1000);
        byte[] bytes = builder.Bytes();
        ulong headers = BitConverter.ToUInt64(bytes, 40);
        BitConverter.TryWriteBytes(bytes.AsSpan((int)headers + 64 + 32), 1UL << 40);
        using ElfFile file = ElfFile.FromBytes(bytes, "cut");
        ElfFormatException failure = Assert.Throws<ElfFormatException>(() => file.Contents(file.Sections[1]).Length);
        Assert.Equal("cut: cut short or damaged: section [1] .text lies beyond the end", failure.Message);
    }

    private static void Damage(byte[] whole, int iterations)
    {
        // Headers and tables are a small part of a file but most of what can be wrong, so half of the changes go to its two ends.
        Gen<int> place = Gen.OneOf(
            Gen.Int[0, whole.Length - 9], Gen.Int[16, HeaderSize + 8 * 56],
            Gen.Int[Math.Max(0, whole.Length - 64 * 32), whole.Length - 9]);
        Gen<(int At, ulong Value, int Size)> change = Gen.Select(place, s_evil, Gen.OneOf(1, 2, 4, 8));
        change.Array[1, 6].Sample(changes =>
        {
            byte[] bytes = [.. whole];
            foreach ((int at, ulong value, int size) in changes)
                BitConverter.GetBytes(value).AsSpan(0, size).CopyTo(bytes.AsSpan(Math.Min(at, bytes.Length - 9)));
            Exercise(bytes);
        }, iter: iterations);
    }

    private static void Exercise(byte[] bytes)
    {
        try
        {
            using ElfFile file = ElfFile.FromBytes(bytes, "damaged");
            _ = (file.BuildId, file.DebugLink, file.Interpreter, file.Kind);
            foreach (ElfSection section in file.Sections)
                _ = (section.Name, section.Contains(0x1000));
            Read(() => file.Sections.Sum(section => file.Contents(section).Length));
            Read(() => Symbols(file, file.DynamicSymbols));
            Read(() => Symbols(file, file.Symbols));
            Read(() => file.Relocations.TryFind(0x3000, out _));
            Read(() => SdtNotes.Read(file).Sum(mark => mark.Sites.Count));
            Read(() => new FunctionTable(file).Find(new Glob("*")).Count);
            Read(() => new FunctionTable(file).Explain(new Glob("mian")).Length);
        }
        catch (ElfFormatException e)
        {
            Assert.StartsWith("damaged: ", e.Message, StringComparison.Ordinal);
        }
    }

    private static void Read<T>(Func<T> read)
    {
        try
        {
            _ = read();
        }
        catch (ElfFormatException e)
        {
            Assert.StartsWith("damaged: ", e.Message, StringComparison.Ordinal);
        }
    }

    private static int Symbols(ElfFile file, ElfSymbolTable table)
    {
        int bytes = 0;
        foreach (ElfSymbol symbol in table)
        {
            bytes += symbol.Name.Length + file.BytesAt(symbol.Address, (int)Math.Min(symbol.Size, 64)).Length;
            if (symbol.Index < 20)
                _ = (table.TryFind(symbol.NameUtf8, out _), table.TryFindFunction(symbol.Address, out _), table.IsAmbiguous(symbol));
        }

        return bytes;
    }

    private static byte[] Built()
    {
        var builder = new ElfBuilder();
        int text = builder.Add(".text", ElfSectionType.ProgramBits, [0xf3, 0x0f, 0x1e, 0xfa, 0x90, 0x90, 0xc3, 0x90], 0x1000, flags: 4);
        builder.Add(".bss", ElfSectionType.NoBits, [], 0x8000, flags: 1, size: 0x100);
        int notes = builder.Add(".note.stapsdt", ElfSectionType.Note,
            [.. ElfBuilder.SdtNote(0x1004, "app", "hit", "-4@8(%rbp) 8@main+4(%rip)", 0x3000), .. ElfBuilder.Note("GNU", 3, [1, 2, 3, 4])]);
        builder.Add(".gnu_debuglink", ElfSectionType.ProgramBits, [.. "program.debug\0\0\0"u8, 1, 2, 3, 4]);
        builder.Symbols(ElfSectionType.DynamicSymbols, ("main", 0x1000, 8, ElfSymbolKind.Function, (ushort)text));
        builder.Symbols(
            ElfSectionType.SymbolTable, ("main", 0x1000, 8, ElfSymbolKind.Function, (ushort)text),
            ("main", 0x1004, 0, ElfSymbolKind.Object, (ushort)text),
            ("other", 0x1004, 4, ElfSymbolKind.Function, (ushort)text));

        // Dynamic entries: symbols, strings, their size, a hash table, relocations with addend, packed ones.
        ulong[] dynamic = [6, 0x4000, 5, 0x4100, 10, 64, 4, 0x4200, 7, 0x4300, 8, 48, 36, 0x4400, 35, 24, 0x6ffffef5, 0x4500, 0, 0];
        int dynamicSection = builder.Add(
            ".dynamic", ElfSectionType.Dynamic, [.. dynamic.SelectMany(BitConverter.GetBytes)], 0x3000, flags: 1);
        builder.Add(".tables", ElfSectionType.ProgramBits, Tables(), 0x4000);
        builder.Segment(ElfSegmentType.Dynamic, dynamicSection).Segment(ElfSegmentType.Note, notes);
        return builder.Bytes();
    }

    private static byte[] Tables()
    {
        byte[] tables = new byte[0x600];
        "\0main\0"u8.CopyTo(tables.AsSpan(0x100));
        ((ReadOnlySpan<byte>)[1, 0, 0, 0, 2, 0, 0, 0]).CopyTo(tables.AsSpan(0x200));
        BitConverter.TryWriteBytes(tables.AsSpan(0x300), 0x3000UL);
        BitConverter.TryWriteBytes(tables.AsSpan(0x308), 8UL);
        BitConverter.TryWriteBytes(tables.AsSpan(0x400), 0x3000UL);
        BitConverter.TryWriteBytes(tables.AsSpan(0x408), 0xf1UL);
        BitConverter.TryWriteBytes(tables.AsSpan(0x500), 1UL | (1UL << 32));
        BitConverter.TryWriteBytes(tables.AsSpan(0x508), 1UL);
        return tables;
    }
}
