namespace Virtap.Bpf.Instructions;

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
