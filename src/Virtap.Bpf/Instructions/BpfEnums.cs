namespace Virtap.Bpf.Instructions;

/// <summary>The low three bits of an opcode (RFC 9669, section 3).</summary>
public enum BpfClass : byte
{
    /// <summary>Loads of a 64-bit constant.</summary>
    Load = 0x00,

    /// <summary>Loads from memory.</summary>
    LoadMemory = 0x01,

    /// <summary>Stores of a constant.</summary>
    Store = 0x02,

    /// <summary>Stores of a register, and atomic operations.</summary>
    StoreRegister = 0x03,

    /// <summary>32-bit arithmetic; the upper half of the result is zero.</summary>
    Alu32 = 0x04,

    /// <summary>Jumps that compare 64 bits, calls and exit.</summary>
    Jump = 0x05,

    /// <summary>Jumps that compare 32 bits (5.1), and the long unconditional jump (6.6).</summary>
    Jump32 = 0x06,

    /// <summary>64-bit arithmetic.</summary>
    Alu64 = 0x07,
}

/// <summary>The width of a memory access.</summary>
public enum BpfSize : byte
{
    /// <summary>Four bytes.</summary>
    Word = 0x00,

    /// <summary>Two bytes.</summary>
    Half = 0x08,

    /// <summary>One byte.</summary>
    Byte = 0x10,

    /// <summary>Eight bytes.</summary>
    Double = 0x18,
}

/// <summary>An arithmetic operation. Division and remainder are unsigned; x / 0 is 0 and x % 0 is x, by definition of the machine.</summary>
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

/// <summary>The condition of a jump: destination register against source register or constant.</summary>
public enum BpfCondition : byte
{
    /// <summary>Equal.</summary>
    Equal = 0x10,

    /// <summary>Greater, unsigned.</summary>
    Greater = 0x20,

    /// <summary>Greater or equal, unsigned.</summary>
    GreaterOrEqual = 0x30,

    /// <summary>The two share a set bit.</summary>
    AnyBit = 0x40,

    /// <summary>Not equal.</summary>
    NotEqual = 0x50,

    /// <summary>Greater, signed.</summary>
    SignedGreater = 0x60,

    /// <summary>Greater or equal, signed.</summary>
    SignedGreaterOrEqual = 0x70,

    /// <summary>Less, unsigned.</summary>
    Less = 0xa0,

    /// <summary>Less or equal, unsigned.</summary>
    LessOrEqual = 0xb0,

    /// <summary>Less, signed.</summary>
    SignedLess = 0xc0,

    /// <summary>Less or equal, signed.</summary>
    SignedLessOrEqual = 0xd0,
}

/// <summary>
/// An atomic operation on memory, as the immediate of the instruction encodes it. Only <see cref="Add"/> exists before kernel 5.12.
/// </summary>
public enum BpfAtomic
{
    /// <summary>memory += source.</summary>
    Add = 0x00,

    /// <summary>memory |= source (5.12).</summary>
    Or = 0x40,

    /// <summary>memory &amp;= source (5.12).</summary>
    And = 0x50,

    /// <summary>memory ^= source (5.12).</summary>
    Xor = 0xa0,

    /// <summary>memory += source; the source register receives the old value (5.12).</summary>
    FetchAdd = 0x01,

    /// <summary>memory |= source; the source register receives the old value (5.12).</summary>
    FetchOr = 0x41,

    /// <summary>memory &amp;= source; the source register receives the old value (5.12).</summary>
    FetchAnd = 0x51,

    /// <summary>memory ^= source; the source register receives the old value (5.12).</summary>
    FetchXor = 0xa1,

    /// <summary>memory and the source register change places (5.12).</summary>
    Exchange = 0xe1,

    /// <summary>If memory equals R0, memory = source; R0 receives the old value either way (5.12).</summary>
    CompareExchange = 0xf1,
}
