namespace Virtap.Bpf.Instructions;

/// <summary>
/// A register of the eBPF machine. R0 holds results, R1-R5 arguments (lost in every call), R6-R9 are kept over calls and R10 is the
/// read-only frame pointer: the 512 bytes below it are the stack.
/// </summary>
public enum BpfRegister : byte
{
    /// <summary>Result of a call and of the program.</summary>
    R0,

    /// <summary>First argument; the context pointer on entry.</summary>
    R1,

    /// <summary>Second argument.</summary>
    R2,

    /// <summary>Third argument.</summary>
    R3,

    /// <summary>Fourth argument.</summary>
    R4,

    /// <summary>Fifth argument.</summary>
    R5,

    /// <summary>Kept over calls.</summary>
    R6,

    /// <summary>Kept over calls.</summary>
    R7,

    /// <summary>Kept over calls.</summary>
    R8,

    /// <summary>Kept over calls.</summary>
    R9,

    /// <summary>The frame pointer; read only.</summary>
    R10,
}
