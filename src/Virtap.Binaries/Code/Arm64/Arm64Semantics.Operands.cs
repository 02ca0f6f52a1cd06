using Virtap.Binaries.Code.Symbolic;

namespace Virtap.Binaries.Code.Arm64;

/// <summary>Operands: registers, shifted and extended; fields of bits.</summary>
internal readonly partial struct Arm64Semantics
{
    /// <summary>A register's low bytes; 31 is zero.</summary>
    private SymbolicValue Read(int register, int size) =>
        register == ZeroOrStackPointer ? SymbolicValue.Constant(0) : machine[register].Low(size);

    /// <summary>A register with an address or a number; 31 is the stack pointer.</summary>
    private SymbolicValue ReadBase(int register) => machine[register];

    /// <summary>Writes a register; 31 is no register.</summary>
    private void Write(int register, SymbolicValue value, int size = 8)
    {
        if (register != ZeroOrStackPointer)
            machine[register] = value.Low(size);
    }

    /// <summary>The second operand, shifted by a constant.</summary>
    private SymbolicValue Shifted(Arm64Word word)
        => Shift(Read(word.Right, word.Size), word.Field(22, 2), SymbolicValue.Constant(word.Field(10, 6)), word.Size).Low(word.Size);

    /// <summary>The second operand, widened and shifted to the left.</summary>
    private SymbolicValue Extended(Arm64Word word, int shift)
    {
        int extension = word.Field(13, 3);
        return Read(word.Right, 8).Low(1 << (extension & 3), signExtend: extension > 3)
            .Apply(value => MachineAlgebra.ShiftLeft(value, new ConstantValue(shift)));
    }

    /// <summary>A shift: lsl, lsr, asr, ror.</summary>
    private static SymbolicValue Shift(SymbolicValue value, int kind, SymbolicValue places, int size) => kind switch
    {
        0 => SymbolicValue.Apply(value, places, MachineAlgebra.ShiftLeft),
        1 => SymbolicValue.Apply(value, places, MachineAlgebra.ShiftRightLogical),
        2 => SymbolicValue.Apply(value.Low(size, signExtend: true), places, MachineAlgebra.ShiftRightArithmetic),
        _ when places.Expression is ConstantValue { Value: > 0 and var count } =>
            value.Apply(whole => MachineAlgebra.RotateLeft(whole, size * 8 - count, size * 8)),
        _ => s_notFollowed,
    };

    /// <summary>The low bits of a value, widened.</summary>
    private static MachineExpression Field(MachineExpression value, int bits, bool isSigned, bool isTop)
    {
        if (isTop)
            return value;
        if (bits % 8 == 0 && int.IsPow2(bits))
            return MachineAlgebra.Extend(value, bits / 8, isSigned);
        ConstantValue spare = new(64 - bits);
        return isSigned
            ? MachineAlgebra.ShiftRightArithmetic(MachineAlgebra.ShiftLeft(value, spare), spare)
            : MachineAlgebra.And(value, new ConstantValue((1L << bits) - 1));
    }

    /// <summary>A value with some bits replaced by those of another that has no others.</summary>
    private static MachineExpression Replace(MachineExpression old, long mask, MachineExpression bits)
        => MachineAlgebra.Or(MachineAlgebra.And(old, new ConstantValue(~mask)), bits);

    private static SymbolicValue Bit(SymbolicValue value, int number)
        => value.Apply(
            whole => MachineAlgebra.And(MachineAlgebra.ShiftRightLogical(whole, new ConstantValue(number)), new ConstantValue(1)));
}
