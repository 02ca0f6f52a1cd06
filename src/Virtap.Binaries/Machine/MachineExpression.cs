namespace Virtap.Binaries.Machine;

/// <summary>
/// A value at a probe site, as an expression over the registers and the memory that a thread has when it arrives there.
/// One language for SDT operands (<c>-4@8(%rbp)</c>), for arguments recovered from QEMU's code and, later, for DWARF locations;
/// every backend (eBPF, evaluation on a stopped thread) reads it. All arithmetic is on 64 bits and wraps.
/// </summary>
public abstract record MachineExpression
{
    private protected MachineExpression()
    {
    }

    /// <summary>The same 64 bits in every hit.</summary>
    public static MachineExpression Constant(long value) => new ConstantValue(value);
}

/// <summary>A constant.</summary>
public sealed record ConstantValue(long Value) : MachineExpression;

/// <summary>All 64 bits of a general register (or the instruction pointer: the address of the site itself).</summary>
public sealed record RegisterValue(MachineRegister Register) : MachineExpression;

/// <summary>
/// The run-time address of a place in the image that holds the site: link-time <paramref name="Address"/> plus the load bias.
/// Backends compute it from the instruction pointer, so no address-space lookup is needed per process.
/// </summary>
public sealed record ImageAddress(ulong Address) : MachineExpression;

/// <summary>A load from the target's memory: <paramref name="Size"/> is 1, 2, 4 or 8 bytes, widened to 64 bits by sign or by zeros.</summary>
public sealed record LoadValue(MachineExpression Address, int Size, bool SignExtend) : MachineExpression;

/// <summary>The low <paramref name="Size"/> (1, 2 or 4) bytes of a value, widened to 64 bits by sign or by zeros.</summary>
public sealed record ExtendValue(MachineExpression Operand, int Size, bool SignExtend) : MachineExpression;

/// <summary>A binary operation on two 64-bit values.</summary>
public sealed record BinaryValue(MachineOperator Operator, MachineExpression Left, MachineExpression Right) : MachineExpression;
