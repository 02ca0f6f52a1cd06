namespace Virtap.Binaries.Code;

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

/// <summary>
/// A number that whoever evaluates the expression brings with it, by its place among those that it brings: a pointer that is looked behind,
/// the index of an element.
/// </summary>
public sealed record OperandValue(int Number) : MachineExpression;

/// <summary>All 64 bits of a general register (or the instruction pointer: the address of the site itself).</summary>
public sealed record RegisterValue(MachineRegister Register) : MachineExpression;

/// <summary>A word that an event of the kernel's hands over, by its place: what a trace point was called with.</summary>
public sealed record EventWord(int Number) : MachineExpression;

/// <summary>
/// The run-time address of the function that returns, where the kernel catches the return: the thread is back in the caller then.
/// </summary>
public sealed record ReturningFunction : MachineExpression;

/// <summary>
/// The run-time address of a place in the image that holds the site: link-time <paramref name="Address"/> plus the load bias.
/// Backends compute it from the instruction pointer, so no address-space lookup is needed per process.
/// </summary>
public sealed record ImageAddress(ulong Address) : MachineExpression;

/// <summary>
/// A load from the target's memory: <paramref name="Size"/> is 1, 2, 4 or 8 bytes, widened to 64 bits by sign or by zeros.
/// </summary>
public sealed record LoadValue(MachineExpression Address, int Size, bool SignExtend) : MachineExpression;

/// <summary>The low <paramref name="Size"/> (1, 2 or 4) bytes of a value, widened to 64 bits by sign or by zeros.</summary>
public sealed record ExtendValue(MachineExpression Operand, int Size, bool SignExtend) : MachineExpression;

/// <summary>A binary operation on two 64-bit values.</summary>
public sealed record BinaryValue(MachineOperator Operator, MachineExpression Left, MachineExpression Right) : MachineExpression;

/// <summary>
/// The operations of a <see cref="BinaryValue"/>. Comparisons yield 1 or 0; shifts use the low six bits of the right side.
/// </summary>
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

/// <summary>
/// A general register of a thread by its DWARF number (x86-64 psABI figure 3.36: 0 rax, 1 rdx, 2 rcx, 3 rbx, 4 rsi, 5 rdi, 6 rbp, 7 rsp,
/// 8-15 r8-r15, 16 the return address column, used here for rip; AArch64 DWARF: 0-30 x0-x30, 31 sp, 32 pc).
/// </summary>
public readonly record struct MachineRegister(Architecture Architecture, int DwarfNumber);
