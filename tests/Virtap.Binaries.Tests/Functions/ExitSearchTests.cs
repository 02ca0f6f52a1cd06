using System.Runtime.InteropServices;
using Virtap.Binaries.Elf;
using Virtap.Binaries.Functions;
using Virtap.Binaries.Tests.Support;
using Virtap.Names;

namespace Virtap.Binaries.Tests.Functions;

/// <summary>What is found of functions whose returns the tests know, with symbols and without.</summary>
public sealed class ExitSearchTests
{
    private const string Source = """
        #include <stdlib.h>
        volatile long sum;
        __attribute__((noinline, cold)) void seldom(long i) { sum += i; }
        __attribute__((noinline)) long other(long i) { sum += i; return sum; }
        long saves(long i, long j)
        {
            long first = other(i);
            if (__builtin_expect(first == 7, 0)) {
                seldom(i);
                seldom(j);
            }
            return first + other(j) + i;
        }
        long bare(long i) { if (__builtin_expect(i == 7, 0)) { seldom(i); return 5; } return i + 1; }
        long jumps(long i) { return other(i + 1); }
        long unknown(long (*f)(void)) { return f(); }
        void ends(void) { abort(); }
        int main(int argc, char **argv) { return saves(argc, 1) + bare(argc) + jumps(argc) + unknown(0) + (ends(), 0); }
        """;

    // The registers that a function saves tell a part of it from a function that begins, where no symbol does: bare saves none.
    [Theory]
    [InlineData(false, "saves", null)]
    [InlineData(false, "bare", null)]
    [InlineData(false, "jumps", ExitObstacle.Jump)]
    [InlineData(false, "unknown", ExitObstacle.UnknownJump)]
    [InlineData(false, "ends", ExitObstacle.NeverReturns)]
    [InlineData(true, "saves", null)]
    [InlineData(true, "bare", ExitObstacle.Jump)]
    [InlineData(true, "jumps", ExitObstacle.Jump)]
    public void A_function_returns_where_its_code_says(bool isStripped, string function, ExitObstacle? obstacle)
    {
        Assert.SkipUnless(RuntimeInformation.ProcessArchitecture == System.Runtime.InteropServices.Architecture.X64, "it looks for ret");
        using CProgram program = CProgram.Compile(Source, "-O2", "-fcf-protection=none", "-rdynamic", isStripped ? "-s" : "-g0");
        using ElfFile file = ElfFile.Open(program.Binary);
        Assert.True(file.DynamicSymbols.TryFind(function, out ElfSymbol symbol));
        FunctionExits exits = new ExitSearch(file, new FunctionTable(file)).Find(symbol.Address);
        Assert.Equal(obstacle, exits.Obstacle);
        Assert.Equal(obstacle is null, exits.Returns.Count > 0);
        Assert.All(exits.Returns, address => Assert.Equal(0xc3, file.BytesAt(address, 1)[0]));
    }

    [Fact]
    public void What_was_moved_out_of_a_function_is_a_part_of_it_and_none_of_its_own()
    {
        using CProgram program = CProgram.Compile(Source, "-O2", "-fcf-protection=none");
        using ElfFile file = ElfFile.Open(program.Binary);
        var functions = new FunctionTable(file);
        Assert.SkipUnless(file.Symbols.TryFind("bare.cold", out ElfSymbol moved), "this compiler moves nothing");
        Function bare = Assert.Single(functions.Find(new Glob("bare")));
        IReadOnlyList<ulong> returns = new ExitSearch(file, functions).Find(bare.Address).Returns;
        Assert.Equal(2, returns.Count);
        Assert.Single(returns, address => address - moved.Address < moved.Size);
        Assert.DoesNotContain(functions.Find(new Glob("*")), each => each.Name == "bare.cold");
        Assert.Single(functions.Find(new Glob("bare.cold")));
    }
}
