namespace Virtap.Bpf.Instructions;

/// <summary>
/// An arithmetic operation. Division and remainder are unsigned; x / 0 is 0 and x % 0 is x, by definition of the machine.
/// </summary>
public enum BpfAluOperator : byte
{
    /// <summary>Addition.</summary>
    Add = 0x00,

    /// <summary>Subtraction.</summary>
    Subtract = 0x10,

    /// <summary>Multiplication.</summary>
    Multiply = 0x20,

    /// <summary>Unsigned division.</summary>
    Divide = 0x30,

    /// <summary>Bitwise or.</summary>
    Or = 0x40,

    /// <summary>Bitwise and.</summary>
    And = 0x50,

    /// <summary>Shift left; the count is taken modulo the width.</summary>
    ShiftLeft = 0x60,

    /// <summary>Shift right, filling with zeros.</summary>
    ShiftRight = 0x70,

    /// <summary>Negation of the destination; there is no source.</summary>
    Negate = 0x80,

    /// <summary>Unsigned remainder.</summary>
    Modulo = 0x90,

    /// <summary>Bitwise exclusive or.</summary>
    Xor = 0xa0,

    /// <summary>Copy.</summary>
    Move = 0xb0,

    /// <summary>Shift right, filling with the sign.</summary>
    ShiftRightArithmetic = 0xc0,

    /// <summary>Byte order conversion.</summary>
    ByteOrder = 0xd0,
}
