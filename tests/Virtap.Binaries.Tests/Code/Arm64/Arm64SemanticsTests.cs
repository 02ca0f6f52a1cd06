using System.Runtime.InteropServices;
using CsCheck;
using Virtap.Binaries.Code;
using Virtap.Binaries.Code.Paths;
using Virtap.Binaries.Elf;
using Virtap.Binaries.Tests.Support;

namespace Virtap.Binaries.Tests.Code.Arm64;

/// <summary>
/// The semantics of AArch64 against those of C: each function is compiled for AArch64 and for the processor that runs the test; what the
/// executor says that the one returns is what the other returns.
/// </summary>
public sealed unsafe class Arm64SemanticsTests(ITestOutputHelper output)
{
    private const string Compiler = "/usr/bin/aarch64-linux-gnu-gcc";

    private static readonly string[] s_functions =
    [
        "a + b", "a - b * c", "(u32)a + (u32)b", "(u32)a - 5", "a * 0x98 + b", "(u64)(s32)a * (u64)(s32)b + c", "(u64)(u32)a * (u32)b",
        "c - a * b",
        "a & b", "a | ~b", "a ^ b", "a & ~b", "a & 0xff00ff00ff00ff00", "a & 0x7ffe", "a ^ 0xf0f0f0f0f0f0f0f0", "(u32)a | 0x80000001",
        "~(a ^ b)",
        "a << 7", "a >> 9", "(u64)((s64)a >> 11)", "(u32)a >> 3", "(u64)(s64)((s32)a >> 5)", "a << (b & 63)", "a >> (b & 63)",
        "(u32)a << (b & 31)",
        "(u64)((s64)a >> (b & 63))", "a >> 13 | a << 51", "(u32)a >> 13 | (u32)a << 19", "(u8)a", "(u64)(s64)(s8)a", "(u64)(s64)(s16)a",
        "(u64)(s64)(s32)a",
        "(u32)(s16)a", "a >> 5 & 0x3ff", "(u64)((s64)(a << 20) >> 50)", "(a & 0x1f) << 6", "(a & ~0xff0ul) | (b & 0xff) << 4",
        "(a & ~0xffful) | (b >> 8 & 0xfff)",
        "__builtin_bswap64(a)", "__builtin_bswap32((u32)a)", "a < b ? a : b", "(s64)a < (s64)b ? c : a", "(u32)a == (u32)b",
        "(s32)a >= (s32)b ? a : b + 1", "a > 5 ? ~b : c",
        "(s64)a < 0 ? -b : b", "a <= b", "(u32)a != 7", "(a & 8) ? b : c", "(u8)a == (u8)b ? 3 : c", "0x123456789abcdef0",
        "a + 0x5432100000", "(u64)(s64)-3",
        "a + (b << 3)", "a + (u64)(s64)(s32)b * 4", "a + (u8)b", "a - ((u64)(u16)b << 2)", "a - 0x5000", "a + (b >> 7)",
        "((u32)a ^ 0x55) * 9",
        "p->byte", "(u64)(s64)p->signedByte", "p->half", "(u64)(s64)p->signedHalf", "p->word", "(u64)(s64)p->signedWord", "p->whole",
        "(u32)p->signedByte", "p->array[a & 7]",
        "(u64)(s64)p->words[a & 7]", "p->array[0] + p->array[1]", "p->word + (u64)p->half * b", "*(u64 *)((char *)p + 3)",
        "({ volatile u64 x = a; x + b; })", "({ volatile u32 x = a; volatile u8 y = b; x + y; })",
        "({ volatile u64 x[4]; x[0] = a; x[1] = b; x[0] - x[1]; })",
    ];

    [Theory]
    [InlineData("-O2")]
    [InlineData("-Os")]
    [InlineData("-O1")]
    [InlineData("-O0")]
    public void What_code_is_said_to_return_is_what_its_source_means(string optimisation)
    {
        Assert.SkipUnless(
            RuntimeInformation.ProcessArchitecture == System.Runtime.InteropServices.Architecture.X64,
            "this processor is of another kind");
        string source = """
            typedef unsigned long u64; typedef long s64; typedef unsigned int u32; typedef int s32;
            typedef unsigned short u16; typedef short s16; typedef unsigned char u8; typedef signed char s8;
            struct data { u64 whole; u32 word; s32 signedWord; u16 half; s16 signedHalf; u8 byte; s8 signedByte;
                u64 array[8]; s32 words[8]; };

            """ + string.Concat(s_functions.Select((text, n) => $"u64 f{n}(u64 a, u64 b, u64 c, struct data *p) {{ return {text}; }}\n"));
        using CProgram native = CProgram.Compile(source, "-O1", "-shared", "-fPIC");
        using CProgram foreign = CProgram.CompileWith(Compiler, source, optimisation, "-shared", "-fPIC");
        using ElfFile file = ElfFile.Open(foreign.Binary);
        nint library = NativeLibrary.Load(native.Binary);
        byte[] memory = GC.AllocateArray<byte>(256, pinned: true);
        Random.Shared.NextBytes(memory);
        ulong data = (ulong)Marshal.UnsafeAddrOfPinnedArrayElement(memory, 0);
        int told = 0;
        for (int n = 0; n < s_functions.Length; n++)
        {
            var function = (delegate* unmanaged<ulong, ulong, ulong, ulong, ulong>)NativeLibrary.GetExport(library, $"f{n}");
            Assert.True(file.DynamicSymbols.TryFind($"f{n}", out ElfSymbol symbol));
            FunctionEffects effects = FunctionReader.Read(
                Binaries.Architecture.Arm64, symbol.Address, file.BytesAt(symbol.Address, (int)symbol.Size));
            // Where it jumps, a path's value is that of some arguments only.
            if (effects.Returns is not [var returned])
            {
                output.WriteLine($"{s_functions[n]}: {effects.Returns.Count} values");
                continue;
            }

            told++;
            Gen.OneOf(Gen.ULong, Gen.ULong[0, 300], Gen.Int.Select(value => (ulong)value)).Array[3].Sample(
                arguments =>
                {
                    ulong[] registers = [.. arguments, data];
                    ulong said = new Evaluation(register => registers[register.Register.DwarfNumber], memory, data).Of(returned);
                    ulong actual = function(arguments[0], arguments[1], arguments[2], data);
                    Assert.True(
                        said == actual,
                        $"{s_functions[n]} of {string.Join(", ", arguments)}: 0x{said:x}, it is 0x{actual:x}; {Show.Of(returned)}");
                },
                iter: 200, threads: 1);
        }

        output.WriteLine($"figure: {told} of {s_functions.Length} C functions, compiled for aarch64 with {optimisation}, are told exactly");
        Assert.True(told * 10 > s_functions.Length * 8, "Too little is told to prove anything.");
    }

    [Fact]
    public void Any_bytes_are_walked_through_without_complaint() => Gen.Byte.Array[0, 400].Sample(
        bytes => FunctionReader.Read(Binaries.Architecture.Arm64, 0x1000, bytes), iter: 5_000);
}
