using Virtap.Binaries.Code;

namespace Virtap.Binaries.Marks.Recovered;

/// <summary>Recognises a test of bits of a variable, however a compiler wrote it.</summary>
internal static class TestedBits
{
    /// <summary>The bit of <c>qemu_loglevel</c> that lets trace messages through (include/qemu/log.h).</summary>
    public const ulong LogTrace = 1 << 15;

    /// <summary>What is tested, and which of its bits.</summary>
    /// <param name="tested">A value that is compared with zero.</param>
    /// <param name="size">Bytes that are compared.</param>
    /// <returns>The address of a variable or the register that holds it, and the bits.</returns>
    public static (MachineExpression Variable, ulong Bits) Of(MachineExpression tested, int size) => Of(tested, Mask(size));

    private static (MachineExpression Variable, ulong Bits) Of(MachineExpression tested, ulong bits) => tested switch
    {
        LoadValue { Address: ImageAddress variable, SignExtend: false } load => (variable, bits & Mask(load.Size)),
        ExtendValue { SignExtend: false } extend => Of(extend.Operand, bits & Mask(extend.Size)),
        BinaryValue { Operator: MachineOperator.And, Right: ConstantValue mask } and => Of(and.Left, bits & (ulong)mask.Value),
        BinaryValue { Operator: MachineOperator.ShiftRightLogical, Right: ConstantValue count } shift =>
            Of(shift.Left, bits << (int)(count.Value & 63)),
        _ => (tested, bits),
    };

    private static ulong Mask(int size) => size >= 8 ? ulong.MaxValue : (1UL << (size * 8)) - 1;
}
