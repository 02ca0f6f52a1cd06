using System.Globalization;
using System.Text;
using Virtap.Binaries.Elf;
using Virtap.Binaries.Code;
using Virtap.Binaries.Tests.Support;

namespace Virtap.Binaries.Tests.Elf;

/// <summary>Real files, beside what binutils says of them.</summary>
public class ElfFileTests
{
    [Fact]
    public void Qemu_is_a_position_independent_x86_64_program()
    {
        using ElfFile file = ElfFile.Open(Tool.RequireQemu());
        Assert.Equal(Architecture.X64, file.Architecture);
        Assert.Equal(ElfKind.SharedObject, file.Kind);
        Assert.Equal("/lib64/ld-linux-x86-64.so.2", file.Interpreter);
        Assert.Contains($"Build ID: {file.BuildId}", Tool.Run("readelf", "-n", file.Path), StringComparison.Ordinal);
        Assert.NotNull(file.FindSection(".text"u8));
    }

    [Fact]
    public void Dynamic_symbols_are_those_that_nm_lists()
    {
        using ElfFile file = ElfFile.Open(Tool.RequireQemu());
        var expected = Tool.Run("nm", "-D", "--without-symbol-versions", file.Path).Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => (Name: line[19..], Address: line[0] == ' ' ? 0 : ulong.Parse(line.AsSpan(0, 16), NumberStyles.HexNumber)))
            .Order().ToList();
        var actual = new List<(string, ulong)>();
        foreach (ElfSymbol symbol in file.DynamicSymbols)
            actual.Add((symbol.Name, symbol.Address));
        actual.Sort();
        Assert.Equal(expected, actual);
    }

    [Fact]
    public void Lookups_by_name_agree_before_and_after_the_index_is_built()
    {
        using ElfFile file = ElfFile.Open(Tool.RequireQemu());
        for (int round = 0; round < 20; round++)
        {
            Assert.True(file.DynamicSymbols.TryFind("_TRACE_VIRTIO_NOTIFY_DSTATE", out ElfSymbol symbol));
            Assert.Equal("_TRACE_VIRTIO_NOTIFY_DSTATE", symbol.Name);
            Assert.Equal(2UL, symbol.Size);
            Assert.Equal(ElfSymbolKind.Object, symbol.Kind);
            Assert.True(symbol.IsDefined);
            Assert.Empty(file.BytesAt(symbol.Address, 2).ToArray());
            Assert.True(file.DynamicSymbols.TryFind("malloc"u8, out ElfSymbol other));
            Assert.False(other.IsDefined);
            Assert.False(file.DynamicSymbols.TryFind("VIRTIO_NOTIFY_DSTATE", out _));
            Assert.False(file.DynamicSymbols.TryFind("", out _));
        }
    }

    [Fact]
    public void Every_symbol_is_found_by_its_name_and_every_function_by_an_address_within()
    {
        using ElfFile file = ElfFile.Open(Tool.RequireQemu());
        int functions = 0;
        foreach (ElfSymbol symbol in file.DynamicSymbols)
        {
            Assert.True(file.DynamicSymbols.TryFind(symbol.NameUtf8, out ElfSymbol found));
            Assert.Equal(symbol.Name, found.Name);
            Assert.False(file.DynamicSymbols.TryFind(symbol.Name + "~", out _));
            if (symbol is not { Kind: ElfSymbolKind.Function, IsDefined: true, Size: > 0 })
                continue;
            functions++;
            Assert.True(file.DynamicSymbols.TryFindFunction(symbol.Address + symbol.Size - 1, out ElfSymbol function));
            Assert.InRange(symbol.Address, function.Address, function.Address + function.Size - 1);
        }

        Assert.True(functions > 1000);
        Assert.False(file.DynamicSymbols.TryFindFunction(0, out _));
        Assert.False(file.DynamicSymbols.TryFindFunction(ulong.MaxValue, out _));
    }

    [Theory]
    [InlineData(0x0fff, "")]
    [InlineData(0x1000, "outer")]
    [InlineData(0x1010, "inner")]
    [InlineData(0x1017, "inner")]
    [InlineData(0x1018, "outer")]
    [InlineData(0x1040, "")]
    [InlineData(0x2000, "first")]
    [InlineData(0x2007, "first")]
    [InlineData(0x2008, "assembler")]
    [InlineData(0x2fff, "assembler")]
    [InlineData(0x3000, "last")]
    [InlineData(0x3010, "")]
    public void Functions_that_nest_share_an_address_or_have_no_size_are_found_by_address(ulong address, string expected)
    {
        ElfBuilder builder = new ElfBuilder().Symbols(
            ElfSectionType.SymbolTable, ("last", 0x3000, 16, ElfSymbolKind.Function, 1),
            ("assembler", 0x2008, 0, ElfSymbolKind.Function, 1),
            ("first", 0x2000, 8, ElfSymbolKind.Function, 1), ("second", 0x2000, 8, ElfSymbolKind.Function, 1),
            ("variable", 0x2004, 4, ElfSymbolKind.Object, 1),
            ("inner", 0x1010, 8, ElfSymbolKind.Function, 1), ("outer", 0x1000, 0x40, ElfSymbolKind.Function, 1),
            ("undefined", 0x1010, 8, ElfSymbolKind.Function, 0));
        using ElfFile file = builder.File();

        // The first lookups go along the table, later ones through an index.
        for (int round = 0; round < 20; round++)
        {
            Assert.Equal(expected.Length > 0, file.Symbols.TryFindFunction(address, out ElfSymbol function));
            Assert.Equal(expected, expected.Length > 0 ? function.Name : "");
        }
    }

    [Fact]
    public void Dynamic_symbols_are_found_without_section_headers()
    {
        byte[] bytes = File.ReadAllBytes(Tool.RequireQemu());
        using ElfFile whole = ElfFile.FromBytes(bytes.ToArray(), "whole");
        bytes.AsSpan(40, 8).Clear(); // e_shoff
        bytes.AsSpan(60, 4).Clear(); // e_shnum, e_shstrndx
        using ElfFile stripped = ElfFile.FromBytes(bytes, "stripped");
        Assert.Empty(stripped.Sections);
        Assert.Equal(whole.DynamicSymbols.Count, stripped.DynamicSymbols.Count);
        Assert.Equal(
            whole.DynamicSymbols[whole.DynamicSymbols.Count - 1].Name, stripped.DynamicSymbols[whole.DynamicSymbols.Count - 1].Name);
        Assert.Equal(whole.BuildId, stripped.BuildId);
        Assert.Equal(0, stripped.Symbols.Count);
    }

    [Fact]
    public void Relocations_are_those_that_readelf_lists()
    {
        using ElfFile file = ElfFile.Open(Tool.RequireQemu());
        int expected = 0;
        foreach (string line in Tool.Run("readelf", "-rW", file.Path).Split('\n'))
        {
            string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words is not [{ Length: 16 } place, { Length: 16 }, string type, ..]
                || !type.StartsWith("R_X86_64_", StringComparison.Ordinal))
                continue;
            expected++;
            Assert.True(file.Relocations.TryFind(ulong.Parse(place, NumberStyles.HexNumber), out ElfRelocation relocation), line);
            Assert.Equal(type[9..] switch
            {
                "RELATIVE" => ElfRelocationKind.Relative,
                "GLOB_DAT" => ElfRelocationKind.GlobalData,
                "JUMP_SLO" or "JUMP_SLOT" => ElfRelocationKind.JumpSlot,
                "64" => ElfRelocationKind.Absolute,
                "IRELATIV" => ElfRelocationKind.IndirectRelative,
                _ => ElfRelocationKind.Other,
            }, relocation.Kind);
            if (relocation.Kind == ElfRelocationKind.Relative)
                Assert.Equal(words[^1], relocation.Addend.ToString("x"));
            else if (words.Length > 4)
                Assert.StartsWith(file.DynamicSymbols[(int)relocation.SymbolIndex].Name, words[4].Split('@')[0], StringComparison.Ordinal);
        }

        Assert.True(expected > 1000);
        Assert.Equal(expected, file.Relocations.All.Length);
    }

    [Fact]
    public void Addresses_and_file_offsets_go_both_ways()
    {
        using ElfFile file = ElfFile.Open(Tool.RequireQemu());
        ElfSection text = file.FindSection(".text"u8)!;
        Assert.True(file.TryFileOffset(text.Address + 5, out ulong offset));
        Assert.Equal(text.Offset + 5, offset);
        Assert.True(file.TryAddress(offset, out ulong address));
        Assert.Equal(text.Address + 5, address);
        Assert.True(file.BytesAt(text.Address, 64).SequenceEqual(file.Contents(text)[..64]));
        Assert.Same(text, file.FindSection(text.Address));
        Assert.True(file.FindSegment(text.Address)!.Value.IsExecutable);

        ElfSection bss = file.FindSection(".bss"u8)!;
        Assert.False(file.TryFileOffset(bss.Address + bss.Size - 1, out _));
        Assert.Empty(file.Contents(bss).ToArray());
        Assert.False(file.TryFileOffset(ulong.MaxValue, out _));
    }

    [Fact]
    public void Strings_are_read_at_their_addresses()
    {
        using ElfFile file = ElfFile.Open(Tool.RequireQemu());
        ElfSection constants = file.FindSection(".rodata"u8)!;
        int at = file.Contents(constants).IndexOf("vdev %p req %p status %d"u8);
        Assert.True(at > 0);
        Assert.StartsWith(
            "vdev %p req %p status %d", Encoding.UTF8.GetString(file.StringAt(constants.Address + (ulong)at)), StringComparison.Ordinal);
        Assert.Empty(file.StringAt(constants.Address + (ulong)at, 10).ToArray());
    }

    [Theory]
    [InlineData("", "empty")]
    [InlineData("#!/bin/sh\n", "not an ELF file")]
    [InlineData("\u007fELF\u0002\u0001", "cut short within the ELF header")]
    public void What_is_no_elf_file_is_refused_with_its_path(string contents, string reason)
    {
        string path = Path.GetTempFileName();
        try
        {
            File.WriteAllText(path, contents);
            ElfFormatException failure = Assert.Throws<ElfFormatException>(() => ElfFile.Open(path));
            Assert.Equal($"{path}: {reason}", failure.Message);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void A_file_that_is_not_there_is_the_systems_error()
        => Assert.ThrowsAny<IOException>(() => ElfFile.Open("/nonexistent/program"));
}
