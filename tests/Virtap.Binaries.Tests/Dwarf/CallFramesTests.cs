using System.Globalization;
using Virtap.Binaries.Code;
using Virtap.Binaries.Dwarf.Frames;
using Virtap.Binaries.Elf;
using Virtap.Binaries.Tests.Support;

namespace Virtap.Binaries.Tests.Dwarf;

public class CallFramesTests
{
    private const string Source = """
        #include <stdlib.h>
        #include <string.h>
        #include <stdio.h>
        volatile long sink;
        __attribute__((noinline)) long variable(int n) { char room[n]; memset(room, 1, n); sink += room[n / 2]; return sink * n; }
        __attribute__((noinline)) long many(long a, long b, long c, long d, long e, long f, long g)
        {
            long x = variable(a) + b, y = variable(c) + d, z = variable(e) + f;
            for (int i = 0; i < g; i++) { x += variable(i) * y; z ^= x + many(x, y, z, a, b, c, 0); }
            return x * y + z;
        }
        int compare(const void *a, const void *b) { return *(const int *)a - (int)many(1, 2, 3, 4, 5, 6, *(const int *)b); }
        int main(int argc, char **argv)
        {
            int numbers[3] = { argc, 2, 1 };
            qsort(numbers, 3, sizeof numbers[0], compare);
            return printf("%ld\n", sink) < 0;
        }
        """;

    private static readonly string[] s_x64 =
        ["rax", "rdx", "rcx", "rbx", "rsi", "rdi", "rbp", "rsp", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15", "ra"];

    /// <summary>Every row of every frame, as readelf interprets them: those of signals' and linkage tables' expressions too.</summary>
    [Theory]
    [InlineData("gcc", "-O2")]
    [InlineData("gcc", "-O0")]
    [InlineData("gcc", "-O2 -static")]
    [InlineData("gcc", "-O2 -g -fno-asynchronous-unwind-tables -Wl,--compress-debug-sections=zlib")]
    [InlineData("aarch64-linux-gnu-gcc", "-O2")]
    [InlineData("aarch64-linux-gnu-gcc", "-O0 -mbranch-protection=standard")]
    public void Rows_are_those_that_readelf_finds(string compiler, string options)
    {
        using CProgram program = CProgram.CompileWith(compiler, Source, options.Split(' '));
        using ElfFile file = ElfFile.Open(program.Binary);
        CallFrames frames = CallFrames.Read(file, file);
        int rows = 0;
        foreach ((ulong address, string cfa, Dictionary<string, string> registers) in ReadElf(program.Binary))
        {
            UnwindRow? row = frames.RowAt(address);
            Assert.True(row is not null, $"no row at {address:x}");
            Assert.Equal((address, cfa), (address, Show(row.Cfa, file.Architecture!.Value)));
            foreach ((string name, string rule) in registers)
            {
                if (NumberOf(name, row) is int number)
                    Assert.Equal((address, name, rule), (address, name, Show(row[number], row)));
            }

            rows++;
        }

        Assert.True(rows > 20, $"{rows} rows");
        Assert.Null(frames.RowAt(1));
        Assert.Null(frames.RowAt(ulong.MaxValue));
    }

    /// <summary>Whatever bytes are damaged, looking for frames and walking by them ends.</summary>
    [Fact]
    public void Damaged_frames_give_less_and_never_fail()
    {
        using CProgram program = CProgram.Compile(Source, "-O2");
        byte[] whole = File.ReadAllBytes(program.Binary);
        using ElfFile original = ElfFile.Open(program.Binary);
        ElfSection[] parts = [original.FindSection(".eh_frame"u8)!, original.FindSection(".eh_frame_hdr"u8)!];
        ulong[] places = [.. ReadElf(program.Binary).Select(static row => row.Address)];
        var random = new Random(9);
        for (int round = 0; round < 300; round++)
        {
            byte[] damaged = (byte[])whole.Clone();
            ElfSection part = parts[round % 2];
            for (int change = 0; change < 10; change++)
                damaged[(int)part.Offset + random.Next((int)part.Size)] = (byte)random.Next(256);
            using ElfFile file = ElfFile.FromBytes(damaged, "damaged");
            CallFrames frames = CallFrames.Read(file, file);
            foreach (ulong place in places)
            {
                var registers = new RegisterValues(Architecture.X64);
                for (int number = 0; number < registers.Count; number++)
                    registers[number] = (ulong)random.NextInt64();
                registers[16] = place;
                for (int depth = 0; depth < 100; depth++)
                {
                    UnwindStep step = FrameUnwinder.Step(frames, 0, registers, isReturnAddress: depth > 0, Anything);
                    if (step.Outcome != UnwindOutcome.Caller)
                        break;
                    registers = step.Caller!;
                }
            }
        }

        bool Anything(ulong address, Span<byte> buffer)
        {
            random.NextBytes(buffer);
            return address % 3 != 0;
        }
    }

    private static IEnumerable<(ulong Address, string Cfa, Dictionary<string, string> Registers)> ReadElf(string path)
    {
        string[]? columns = null;
        bool isFrame = false;
        foreach (string line in Tool.Run("readelf", "--debug-dump=frames-interp", path).Split('\n'))
        {
            string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words is [_, _, _, "FDE" or "CIE", ..] or [_, "ZERO", ..])
                (isFrame, columns) = (words[^1].StartsWith("pc=", StringComparison.Ordinal), null);
            else if (words is ["LOC", "CFA", ..])
                columns = words[2..];
            else if (isFrame && columns is not null && words.Length == columns.Length + 2)
                yield return (
                    ulong.Parse(words[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture), words[1],
                    columns.Zip(words[2..]).ToDictionary(static pair => pair.First, static pair => pair.Second));
        }
    }

    private static int? NumberOf(string name, UnwindRow row)
    {
        if (name == "ra")
            return row.ReturnRegister;
        int number = Array.IndexOf(s_x64, name);
        if (number >= 0)
            return number;
        return name[0] == 'x' && int.TryParse(name[1..], CultureInfo.InvariantCulture, out number) ? number : null;
    }

    private static string Show(CfaRule rule, Architecture architecture) => rule.Register < 0
        ? rule.IsKnown ? "exp" : "?"
        : (architecture == Architecture.X64 ? s_x64[rule.Register] : rule.Register == 31 ? "sp" : $"x{rule.Register}")
            + rule.Offset.ToString("+0;-0", CultureInfo.InvariantCulture);

    private static string Show(RegisterRule rule, UnwindRow row) => rule.Kind switch
    {
        RegisterRuleKind.Unspecified or RegisterRuleKind.Undefined => "u",
        RegisterRuleKind.SameValue => "s",
        RegisterRuleKind.Saved => "c" + rule.Number.ToString("+0;-0", CultureInfo.InvariantCulture),
        RegisterRuleKind.ValueOffset => "v" + rule.Number.ToString("+0;-0", CultureInfo.InvariantCulture),
        RegisterRuleKind.Expression => "exp",
        RegisterRuleKind.ValueExpression => "vexp",
        _ => $"r{rule.Number} of {row.ReturnRegister}",
    };
}
