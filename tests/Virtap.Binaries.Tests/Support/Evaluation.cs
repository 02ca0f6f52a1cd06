using System.Buffers.Binary;
using Virtap.Binaries.Code;

namespace Virtap.Binaries.Tests.Support;

/// <summary>Gives values to expressions.</summary>
/// <param name="registers">What registers hold.</param>
/// <param name="memory">What memory holds.</param>
/// <param name="start">Address of the memory's first byte.</param>
internal sealed class Evaluation(Func<RegisterValue, ulong> registers, byte[] memory, ulong start)
{
    public ulong Of(MachineExpression expression) => expression switch
    {
        ConstantValue constant => (ulong)constant.Value,
        RegisterValue register => registers(register),
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
