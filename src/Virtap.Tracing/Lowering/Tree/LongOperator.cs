namespace Virtap.Tracing.Lowering.Tree;

/// <summary>Operations on two signed 64-bit integers. Arithmetic wraps; a shift uses the low six bits of its right side and is arithmetic to the right.</summary>
public enum LongOperator
{
    Add,
    Subtract,
    Multiply,
    Divide,
    Modulo,
    And,
    Or,
    Xor,
    ShiftLeft,
    ShiftRight,

    /// <summary>Zeros come in from the left: <c>&gt;&gt;&gt;</c>.</summary>
    ShiftRightLogical,
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}
