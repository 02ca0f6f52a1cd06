using System.Runtime.InteropServices;
using Virtap.Binaries.Elf;
using Virtap.Binaries.Functions;
using Virtap.Binaries.Tests.Support;
using Virtap.Names;

namespace Virtap.Binaries.Tests.Functions;

public class FunctionTableTests
{
    private const string Source = """
        #include <stdio.h>
        #include <stdlib.h>
        __attribute__((noinline)) int twice(int x) { return x + x; }
        int doubled(int x) __attribute__((alias("twice")));
        __attribute__((noinline)) static int inner(int x) { return x * 3 + rand(); }
        __attribute__((noinline, nocf_check)) int bare(int x) { return x - 7; }
        typedef int (*implementation)(int);
        static implementation choose(void) { return twice; }
        int chosen(int) __attribute__((ifunc("choose")));
        int main(int argc, char **argv) { return twice(argc) + doubled(argc) + inner(argc) + bare(argc) + chosen(argc); }
        """;

    [Fact]
    public void Functions_are_found_by_name_and_by_glob()
    {
        using CProgram program = CProgram.Compile(Source, "-O1", "-fcf-protection=full");
        using ElfFile file = ElfFile.Open(program.Binary);
        var functions = new FunctionTable(file);
        Assert.False(functions.IsStripped);
        Assert.Equal("inner", Assert.Single(functions.Find(new Glob("inner"))).Name);
        Assert.Equal("main", Assert.Single(functions.Find(new Glob("ma?n"))).Name);
        Assert.Empty(functions.Find(new Glob("Main")));
        Assert.Contains("main", functions.Find(new Glob("*")).Select(function => function.Name));
    }

    [Fact]
    public void Names_of_one_address_are_one_function()
    {
        using CProgram program = CProgram.Compile(Source, "-O1");
        using ElfFile file = ElfFile.Open(program.Binary);
        var functions = new FunctionTable(file);
        Function twice = Assert.Single(functions.Find(new Glob("twice"))), doubled = Assert.Single(functions.Find(new Glob("doubled")));
        Assert.Equal(twice.Address, doubled.Address);
        Assert.Equal("doubled", doubled.Name);
        Assert.Equal(
            functions.Find(new Glob("*")).Select(function => function.Address).Distinct().Count(), functions.Find(new Glob("*")).Count);
        Assert.Single(functions.Find(new Glob("[dt]*[ed]")), function => function.Address == twice.Address);
    }

    [Fact]
    public void A_probe_goes_behind_endbr64_and_otherwise_on_the_first_instruction()
    {
        Assert.SkipUnless(RuntimeInformation.ProcessArchitecture == System.Runtime.InteropServices.Architecture.X64, "endbr64 is x86-64's");
        using CProgram program = CProgram.Compile(Source, "-O1", "-fcf-protection=full");
        using ElfFile file = ElfFile.Open(program.Binary);
        var functions = new FunctionTable(file);
        Function twice = functions.Find(new Glob("twice"))[0], bare = functions.Find(new Glob("bare"))[0];
        Assert.Equal(twice.Address + 4, twice.ProbeAddress);
        Assert.Equal(bare.Address, bare.ProbeAddress);
        Assert.True(file.TryAddress(twice.ProbeFileOffset, out ulong address));
        Assert.Equal(twice.ProbeAddress, address);
    }

    [Theory]
    [InlineData(new byte[] { 0xf3, 0x0f, 0x1e, 0xfa, 0x90, 0xc3 }, 4)]
    [InlineData(new byte[] { 0xf3, 0x0f, 0x1e, 0xfa, 0x90, 0xeb, 0xfd }, 0)] // jmp to the nop
    [InlineData(new byte[] { 0xf3, 0x0f, 0x1e, 0xfa, 0x90, 0x75, 0xfd, 0xc3 }, 0)] // jne to the nop
    [InlineData(new byte[] { 0xf3, 0x0f, 0x1e, 0xfa, 0x90, 0xe9, 0xfa, 0xff, 0xff, 0xff }, 0)] // the same, with a long displacement
    [InlineData(new byte[] { 0xf3, 0x0f, 0x1e, 0xfa, 0x90, 0xeb, 0xfe }, 4)] // jmp to itself
    [InlineData(new byte[] { 0xf3, 0x0f, 0x1e, 0xfa }, 0)]
    [InlineData(new byte[] { 0x90, 0x90, 0x90, 0x90, 0x90 }, 0)]
    public void A_loop_that_starts_behind_endbr64_keeps_the_probe_on_it(byte[] code, int expected)
    {
        var builder = new ElfBuilder();
        int text = builder.Add(".text", ElfSectionType.ProgramBits, code, 0x1000, flags: 4);
        builder.Symbols(ElfSectionType.SymbolTable, ("f", 0x1000, (ulong)code.Length, ElfSymbolKind.Function, (ushort)text));
        using ElfFile file = builder.File();
        Assert.Equal(0x1000UL + (ulong)expected, new FunctionTable(file).Find(new Glob("f"))[0].ProbeAddress);
    }

    [Fact]
    public void Indirect_functions_and_those_of_libraries_are_explained()
    {
        using CProgram program = CProgram.Compile(Source, "-O1");
        using ElfFile file = ElfFile.Open(program.Binary);
        var functions = new FunctionTable(file);
        Assert.Empty(functions.Find(new Glob("chosen")));
        Assert.Contains("chosen when the program starts", functions.Explain(new Glob("chosen")), StringComparison.Ordinal);
        Assert.Empty(functions.Find(new Glob("rand")));
        Assert.Contains("defined in a library", functions.Explain(new Glob("rand")), StringComparison.Ordinal);
        Assert.EndsWith("has no such function", functions.Explain(new Glob("twise")), StringComparison.Ordinal);
        Assert.Contains("twice", functions.Names());
        Assert.DoesNotContain("rand", functions.Names());
    }

    [Fact]
    public void A_stripped_file_has_its_exported_functions()
    {
        using CProgram program = CProgram.Compile(Source, "-O1", "-rdynamic", "-s");
        using ElfFile file = ElfFile.Open(program.Binary);
        var functions = new FunctionTable(file);
        Assert.True(functions.IsStripped);
        Assert.Single(functions.Find(new Glob("twice")));
        Assert.Empty(functions.Find(new Glob("inner")));
        Assert.Contains("only its exported functions are known", functions.Explain(new Glob("inner")), StringComparison.Ordinal);
    }

    [Fact]
    public void A_function_is_found_by_an_address_within()
    {
        using CProgram program = CProgram.Compile(Source, "-O1");
        using ElfFile file = ElfFile.Open(program.Binary);
        var functions = new FunctionTable(file);
        Function inner = functions.Find(new Glob("inner"))[0];
        Assert.Equal("inner", functions.At(inner.Address + inner.Size - 1)?.Name);
        Assert.NotEqual("inner", functions.At(inner.Address + inner.Size)?.Name);
        Assert.Null(functions.At(0x10));
    }

    [Fact]
    public void Versions_of_symbols_are_no_part_of_their_names()
    {
        var builder = new ElfBuilder();
        int text = builder.Add(".text", ElfSectionType.ProgramBits, [0x90, 0x90], 0x1000, flags: 4);
        builder.Symbols(
            ElfSectionType.SymbolTable, ("f@@V2", 0x1000, 1, ElfSymbolKind.Function, (ushort)text),
            ("f@V1", 0x1001, 1, ElfSymbolKind.Function, (ushort)text));
        using ElfFile file = builder.File();
        Assert.Equal(["f", "f"], new FunctionTable(file).Find(new Glob("f")).Select(function => function.Name));
    }

    [Fact]
    public void Functions_of_data_segments_or_beyond_the_file_are_left_out()
    {
        var builder = new ElfBuilder();
        int text = builder.Add(".data", ElfSectionType.ProgramBits, [0x90, 0x90], 0x1000, flags: 1);
        builder.Symbols(
            ElfSectionType.SymbolTable, ("data", 0x1000, 1, ElfSymbolKind.Function, (ushort)text),
            ("nowhere", 0x9000, 1, ElfSymbolKind.Function, (ushort)text));
        using ElfFile file = builder.File();
        Assert.Empty(new FunctionTable(file).Find(new Glob("*")));
    }
}
