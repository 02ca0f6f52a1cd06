using System.Buffers.Binary;
using System.Runtime.InteropServices;
using CsCheck;
using Iced.Intel;
using Virtap.Binaries.Machine;
using Virtap.Binaries.Machine.X64;
using Virtap.Binaries.Machine.X64.Symbolic;

namespace Virtap.Binaries.Tests.Machine.X64;

/// <summary>The symbolic machine against the processor: what it says of registers and memory is what the processor made of them.</summary>
public class SymbolicMachineTests(ITestOutputHelper output)
{
    private const int R12 = 12, R13 = 13, Registers = 14;

    private static readonly HashSet<ulong> s_nothing = [];

    [Fact]
    public void What_is_known_after_instructions_is_what_the_processor_computes()
    {
        Assert.SkipUnless(RuntimeInformation.ProcessArchitecture == System.Runtime.InteropServices.Architecture.X64, "this processor is of another kind");
        using var processor = new Processor();
        int known = 0, all = 0;
        Gen.Select(RandomInstructions.Some, Gen.OneOf(Gen.ULong, Gen.ULong[0, 300], Gen.Int.Select(value => (ulong)value)).Array[Registers], Gen.Byte.Array[Processor.StackSize + Processor.BufferSize])
            .Sample(
                (instructions, registers, memory) =>
                {
                    registers[X64Registers.Rsp] = processor.Stack + Processor.StackSize / 2;
                    registers[R12] = processor.Buffer;
                    registers[R13] &= 7;
                    ulong[] after = [.. registers];
                    memory.CopyTo(processor.Memory);
                    processor.Run(instructions, after);

                    var machine = new SymbolicMachine(s_nothing, hasFramePointer: true);
                    foreach (ref readonly Instruction instruction in instructions.AsSpan())
                        machine.Step(instruction);
                    var values = new Evaluation(registers, memory, processor.Stack);
                    for (int n = 0; n < Registers; n++)
                        Check(machine[n], after[n], $"register {n}");
                    ulong pointer = values.Of(machine[X64Registers.Rsp].Expression!);
                    for (int offset = 0; offset < 64; offset += 4)
                        Check(machine.StackWord(offset), BinaryPrimitives.ReadUInt64LittleEndian(processor.Memory[(int)(pointer - processor.Stack + (ulong)offset)..]), $"stack at {offset}");

                    void Check(SymbolicValue value, ulong actual, string what)
                    {
                        all++;
                        if (value.Expression is null)
                            return;
                        known++;
                        ulong mask = value.KnownBytes == 8 ? ulong.MaxValue : (1UL << (value.KnownBytes * 8)) - 1;
                        ulong said = values.Of(value.Expression);
                        Assert.True((said & mask) == (actual & mask), $"{what}: 0x{said:x}, the processor has 0x{actual:x}, after {string.Join("; ", instructions)}");
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
            var machine = new SymbolicMachine(s_nothing, hasFramePointer: true);
            for (int n = 0; n < code.Count; n++)
                machine.Step(code[n]);
        },
        iter: 5_000);

    /// <summary>Gives values to expressions.</summary>
    private sealed class Evaluation(ulong[] registers, byte[] memory, ulong start)
    {
        public ulong Of(MachineExpression expression) => expression switch
        {
            ConstantValue constant => (ulong)constant.Value,
            RegisterValue register => registers[X64Registers.NumberOf(X64Registers.NameOf(register))],
            LoadValue load => Extend(Load(Of(load.Address)), load.Size, load.SignExtend),
            ExtendValue extend => Extend(Of(extend.Operand), extend.Size, extend.SignExtend),
            BinaryValue binary => Binary(binary.Operator, Of(binary.Left), Of(binary.Right)),
            _ => throw new NotSupportedException(expression.ToString()),
        };

        private ulong Load(ulong address)
        {
            Span<byte> word = stackalloc byte[8];
            memory.AsSpan((int)(address - start), Math.Min(8, memory.Length - (int)(address - start))).CopyTo(word);
            return BinaryPrimitives.ReadUInt64LittleEndian(word);
        }

        private static ulong Extend(ulong value, int size, bool signExtend) => (size, signExtend) switch
        {
            (1, false) => (byte)value,
            (2, false) => (ushort)value,
            (4, false) => (uint)value,
            (1, true) => (ulong)(sbyte)value,
            (2, true) => (ulong)(short)value,
            (4, true) => (ulong)(int)value,
            _ => value,
        };

        private static ulong Binary(MachineOperator operation, ulong left, ulong right) => operation switch
        {
            MachineOperator.Add => left + right,
            MachineOperator.Subtract => left - right,
            MachineOperator.Multiply => left * right,
            MachineOperator.And => left & right,
            MachineOperator.Or => left | right,
            MachineOperator.Xor => left ^ right,
            MachineOperator.ShiftLeft => left << (int)(right & 63),
            MachineOperator.ShiftRightLogical => left >> (int)(right & 63),
            MachineOperator.ShiftRightArithmetic => (ulong)((long)left >> (int)(right & 63)),
            MachineOperator.Equal => left == right ? 1UL : 0,
            MachineOperator.NotEqual => left != right ? 1UL : 0,
            MachineOperator.LessSigned => (long)left < (long)right ? 1UL : 0,
            MachineOperator.LessUnsigned => left < right ? 1UL : 0,
            _ => throw new NotSupportedException(operation.ToString()),
        };
    }
}
