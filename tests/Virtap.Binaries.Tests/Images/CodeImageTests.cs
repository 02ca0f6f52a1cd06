using Virtap.Binaries.Dwarf;
using Virtap.Binaries.Elf;
using Virtap.Binaries.Images;
using Virtap.Binaries.Tests.Support;

namespace Virtap.Binaries.Tests.Images;

public class CodeImageTests
{
    private const string Source = """
        #include <stdio.h>
        int counter = 3;
        __attribute__((noinline)) static int hidden(int n) { return printf("%d\n", n); }
        __attribute__((noinline)) int named(int n) { return hidden(n) + counter; }
        int main(int argc, char **argv) { return named(argc) == 77; }
        """;

    private static readonly DebugFileSearch s_nowhere = new() { Roots = [] };

    [Fact]
    public void Names_of_a_stripped_program_come_from_its_mini_debug_data()
    {
        using CProgram program = CProgram.Compile(Source, "-O2", "-fno-ipa-cp");
        (ulong hidden, ulong size) = AddressOf(program.Binary, "hidden");
        string whole = program.Binary + ".whole";
        File.Copy(program.Binary, whole);
        Tool.Run("xz", whole);
        Tool.Run("strip", program.Binary);
        using (CodeImage stripped = CodeImage.Open(program.Binary, program.Binary, s_nowhere))
            Assert.Null(stripped.SymbolAt(hidden));
        Tool.Run("objcopy", "--add-section", $".gnu_debugdata={whole}.xz", program.Binary);

        using CodeImage image = CodeImage.Open(program.Binary, program.Binary, s_nowhere);

        Assert.Equal(new CodeSymbol("hidden", hidden, size), image.SymbolAt(hidden + 1));
        Assert.Empty(image.Problems);
    }

    [Fact]
    public void Mini_debug_data_that_is_damaged_is_told_and_passed_over()
    {
        using CProgram program = CProgram.Compile(Source, "-O2");
        (ulong named, _) = AddressOf(program.Binary, "named");
        Tool.Run("strip", program.Binary);
        Tool.Run("objcopy", "--add-section", $".gnu_debugdata={program.Write("junk", "no xz at all")}", program.Binary);

        using CodeImage image = CodeImage.Open(program.Binary, program.Binary, s_nowhere);

        Assert.Null(image.SymbolAt(named));
        Assert.Contains(".gnu_debugdata cannot be unpacked", Assert.Single(image.Problems), StringComparison.Ordinal);
    }

    [Fact]
    public void Variables_entries_of_linkage_tables_and_places_in_the_source_have_names()
    {
        using CProgram program = CProgram.Compile(Source, "-O1", "-g", "-fno-inline");
        using CodeImage image = CodeImage.Open(program.Binary, program.Binary, s_nowhere);
        (ulong counter, _) = AddressOf(program.Binary, "counter");
        (ulong named, _) = AddressOf(program.Binary, "named");

        Assert.Equal(counter, image.FindSymbol("counter")?.Address);
        CodeScope scope = Assert.Single(image.ScopesAt(named));
        Assert.Equal(("named", 4), (scope.Function.Name, scope.Line?.Line));
        ulong plt = image.File.FindSection(".plt.sec"u8)?.Address ?? image.File.FindSection(".plt"u8)!.Address + 16;
        Assert.Equal("printf@plt", image.SymbolAt(plt + 3)?.Name);
        Assert.Null(image.SymbolAt(1));
    }

    private static (ulong Address, ulong Size) AddressOf(string path, string name)
    {
        using ElfFile file = ElfFile.Open(path);
        Assert.True(file.Symbols.TryFind(name, out ElfSymbol symbol), name);
        return (symbol.Address, symbol.Size);
    }
}
