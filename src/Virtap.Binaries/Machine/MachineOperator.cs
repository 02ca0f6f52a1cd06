namespace Virtap.Binaries.Machine;

/// <summary>The operations of a <see cref="BinaryValue"/>. Comparisons yield 1 or 0; shifts use the low six bits of the right side.</summary>
public enum MachineOperator
{
    Add,
    Subtract,
    Multiply,
    And,
    Or,
    Xor,
    ShiftLeft,
    ShiftRightLogical,
    ShiftRightArithmetic,
    Equal,
    NotEqual,
    LessSigned,
    LessUnsigned,
}
