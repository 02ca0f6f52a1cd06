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
