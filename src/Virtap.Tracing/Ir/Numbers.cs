using Virtap.Binaries.Code;
using Virtap.Language.Library;
using Virtap.Tracing.Memory;
using Virtap.Tracing.Patterns;

namespace Virtap.Tracing.Ir;

/// <summary>
/// A 64-bit signed integer, computed. Evaluation has no effect but errors: calls and assignments inside an expression of the script have
/// been moved to statements before it, in the script's order.
/// </summary>
public abstract record LongExpression : Value;

/// <summary>A constant.</summary>
public sealed record LongConstant(long Value) : LongExpression;

/// <summary>The word at a location.</summary>
public sealed record LongAt(Location Location) : LongExpression;

/// <summary>Negation, bitwise not, logical not.</summary>
public sealed record LongUnary(LongUnaryOperator Operator, LongExpression Operand) : LongExpression;

/// <summary>
/// An operation on two integers; comparisons yield 1 or 0. Division and remainder by zero raise at <paramref name="Site"/> (-1 for the
/// others).
/// </summary>
public sealed record LongBinary(LongOperator Operator, LongExpression Left, LongExpression Right, int Site = -1) : LongExpression;

/// <summary>Short-circuit and, or: 1 or 0.</summary>
public sealed record LongLogical(bool IsAnd, LongExpression Left, LongExpression Right) : LongExpression;

/// <summary>One of two values; the other is not evaluated.</summary>
public sealed record LongConditional(LongExpression Condition, LongExpression WhenTrue, LongExpression WhenFalse) : LongExpression;

/// <summary>A comparison of two strings, byte by byte as unsigned numbers: 1 or 0. The operator is one of the comparisons.</summary>
public sealed record TextComparison(LongOperator Operator, StringExpression Left, StringExpression Right) : LongExpression;

/// <summary>Whether a string matches a regular expression, whose table has no groups: 1 or 0.</summary>
public sealed record PatternMatch(StringExpression Subject, PatternTable Table) : LongExpression;

/// <summary>Word number <paramref name="Index"/> of <paramref name="Count"/> in the context, or 0 where there is none.</summary>
public sealed record ContextWord(ContextSlot First, int Count, LongExpression Index) : LongExpression;

/// <summary>Word number <paramref name="Index"/> of a table of constants in memory, or 0 where there is none.</summary>
public sealed record TableWord(int TableOffset, int Count, LongExpression Index) : LongExpression;

/// <summary>
/// What counter number <paramref name="Number"/> of <see cref="LoweredProgram.Counters"/> has counted; where it cannot be read, an error
/// is raised at <paramref name="Site"/>.
/// </summary>
public sealed record CounterValue(int Number, int Site) : LongExpression;

/// <summary>The length of a string in bytes.</summary>
public sealed record StringLength(StringExpression Operand) : LongExpression;

/// <summary>The low <paramref name="Size"/> bytes (1, 2, 4 or 8) of a value, widened by sign or by zeros.</summary>
public sealed record LongExtend(LongExpression Operand, int Size, bool SignExtend) : LongExpression;

/// <summary>
/// A register of the target's thread at the probe site; where there are no registers a read fault is raised at <paramref name="Site"/>,
/// which may be <see cref="TargetLoad.ReadsAsZero"/>.
/// </summary>
public sealed record TargetRegister(MachineRegister Register, int Site) : LongExpression;

/// <summary>A word that the kernel's event hands over, by its place; only handlers of trace points have them.</summary>
public sealed record TracepointWord(int Number) : LongExpression;

/// <summary>
/// Memory at a computed address, the target's or the kernel's: <paramref name="Size"/> 1, 2, 4 or 8 bytes, widened; what cannot be read
/// raises a read fault at <paramref name="Site"/>, or is 0 if that is <see cref="ReadsAsZero"/>.
/// </summary>
public sealed record TargetLoad(
    LongExpression Address, int Size, bool SignExtend, int Site, MemorySpace Space = MemorySpace.Target) : LongExpression
{
    /// <summary>No site: what cannot be read is 0.</summary>
    public const int ReadsAsZero = -1;
}

/// <summary>Where a member lies in a structure of the running kernel, or its size: bytes.</summary>
public sealed record KernelMemberOffset(string Structure, string Member, bool IsSize) : LongExpression;

/// <summary>What the kernel knows of the running thread and time.</summary>
public sealed record ContextLong(ContextValue Value) : LongExpression;

/// <summary>The entry of an array that has these keys, or 0.</summary>
public sealed record FindEntry(ArrayLayout Array, IReadOnlyList<Value> Keys) : LongExpression;

/// <summary>The first entry of an array in its order, or 0.</summary>
public sealed record FirstEntry(ArrayLayout Array, bool FromEnd) : LongExpression;

/// <summary>The entry after (or before) one in an array's order, or 0.</summary>
public sealed record NextEntry(ArrayLayout Array, LongExpression Entry, bool Backward) : LongExpression;

/// <summary>Operations on one signed 64-bit integer.</summary>
public enum LongUnaryOperator
{
    Negate,
    BitwiseNot,
    LogicalNot,
}

/// <summary>
/// Operations on two signed 64-bit integers. Arithmetic wraps; a shift uses the low six bits of its right side and is arithmetic to the
/// right.
/// </summary>
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

    /// <summary>Of the numbers' bits as unsigned numbers: no operator of scripts, but one that reads target variables.</summary>
    LessUnsigned,
}
