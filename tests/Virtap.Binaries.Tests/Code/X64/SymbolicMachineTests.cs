using System.Buffers.Binary;
using CsCheck;
using Iced.Intel;
using Virtap.Binaries.Code;
using Virtap.Binaries.Code.Symbolic;
using Virtap.Binaries.Code.X64;
using Virtap.Binaries.Tests.Support;

namespace Virtap.Binaries.Tests.Code.X64;

/// <summary>The symbolic machine against the processor: what it says of registers and memory is what the processor made of them.</summary>
public class SymbolicMachineTests(ITestOutputHelper output)
{
    private const int R12 = 12, R13 = 13, Registers = 14;

    private static readonly HashSet<ulong> s_nothing = [];

    [Fact]
    public void What_is_known_after_instructions_is_what_the_processor_computes()
    {
        Assert.SkipUnless(
            System.Runtime.InteropServices.RuntimeInformation.ProcessArchitecture == System.Runtime.InteropServices.Architecture.X64,
            "this processor is of another kind");
        using var processor = new Processor();
        int known = 0, all = 0;
        Gen.Select(
            RandomInstructions.Some, Gen.OneOf(Gen.ULong, Gen.ULong[0, 300], Gen.Int.Select(value => (ulong)value)).Array[Registers],
            Gen.Byte.Array[Processor.StackSize + Processor.BufferSize])
            .Sample(
                (instructions, registers, memory) =>
                {
                    registers[CallingConvention.X64.StackPointer] = processor.Stack + Processor.StackSize / 2;
                    registers[R12] = processor.Buffer;
                    registers[R13] &= 7;
                    ulong[] after = [.. registers];
                    memory.CopyTo(processor.Memory);
                    processor.Run(instructions, after);

                    var machine = SymbolicMachine.AtSite(CallingConvention.X64, s_nothing, hasFramePointer: true);
                    foreach (ref readonly Instruction instruction in instructions.AsSpan())
                        new X64Semantics(machine).Step(instruction);
                    var values = new Evaluation(register => registers[CallingConvention.X64.NumberOf(register)], memory, processor.Stack);
                    for (int n = 0; n < Registers; n++)
                        Check(machine[n], after[n], $"register {n}");
                    ulong pointer = values.Of(machine[CallingConvention.X64.StackPointer].Expression!);
                    for (int offset = 0; offset < 64; offset += 4)
                        Check(
                            machine.StackWord(offset),
                            BinaryPrimitives.ReadUInt64LittleEndian(processor.Memory[(int)(pointer - processor.Stack + (ulong)offset)..]),
                            $"stack at {offset}");

                    void Check(SymbolicValue value, ulong actual, string what)
                    {
                        all++;
                        if (value.Expression is null)
                            return;
                        known++;
                        ulong mask = value.KnownBytes == 8 ? ulong.MaxValue : (1UL << (value.KnownBytes * 8)) - 1;
                        ulong said = values.Of(value.Expression);
                        Assert.True(
                            (said & mask) == (actual & mask),
                            $"{what}: 0x{said:x}, the processor has 0x{actual:x}, after {string.Join("; ", instructions)}");
                    }
                },
                iter: 5_000, threads: 1);
        output.WriteLine($"figure: {100.0 * known / all:f1} % of registers and stack words are known after random instructions");
        Assert.True(known * 10 > all * 8, "Too little is known to prove anything.");
    }

    [Fact]
    public void Any_bytes_are_stepped_through_without_complaint() => Gen.Byte.Array[1, 200].Sample(
        bytes =>
        {
            X64Function code = X64Function.Decode(0x1000, bytes, null);
            var machine = SymbolicMachine.AtSite(CallingConvention.X64, s_nothing, hasFramePointer: true);
            for (int n = 0; n < code.Count; n++)
                code.Step(n, machine);
        },
        iter: 5_000);
}
