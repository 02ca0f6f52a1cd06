using Virtap.Binaries.Machine;
using Virtap.Tracing.Memory;

namespace Virtap.Tracing.Lowering.Tree;

/// <summary>
/// A 64-bit signed integer, computed. Evaluation has no effect but errors: calls and assignments inside an expression of the script have been
/// moved to statements before it, in the script's order.
/// </summary>
public abstract record LongExpression;

/// <summary>A constant.</summary>
public sealed record LongConstant(long Value) : LongExpression;

/// <summary>The word at a place.</summary>
public sealed record LongAt(Place Place) : LongExpression;

/// <summary>Negation, bitwise not, logical not.</summary>
public sealed record LongUnary(LongUnaryOperator Operator, LongExpression Operand) : LongExpression;

/// <summary>An operation on two integers; comparisons yield 1 or 0. Division and remainder by zero raise at <paramref name="Site"/> (-1 for the others).</summary>
public sealed record LongBinary(LongOperator Operator, LongExpression Left, LongExpression Right, int Site = -1) : LongExpression;

/// <summary>Short-circuit and, or: 1 or 0.</summary>
public sealed record LongLogical(bool IsAnd, LongExpression Left, LongExpression Right) : LongExpression;

/// <summary>One of two values; the other is not evaluated.</summary>
public sealed record LongConditional(LongExpression Condition, LongExpression WhenTrue, LongExpression WhenFalse) : LongExpression;

/// <summary>A comparison of two strings, byte by byte as unsigned numbers: 1 or 0. The operator is one of the comparisons.</summary>
public sealed record StringComparison(LongOperator Operator, StringExpression Left, StringExpression Right) : LongExpression;

/// <summary>The length of a string in bytes.</summary>
public sealed record StringLength(StringExpression Operand) : LongExpression;

/// <summary>A value of the target at the probe site; memory that cannot be read raises a read fault at <paramref name="Site"/>.</summary>
public sealed record TargetValue(MachineExpression Value, int Site) : LongExpression;

/// <summary>Target memory at a computed address: <paramref name="Size"/> 1, 2, 4 or 8 bytes, widened.</summary>
public sealed record TargetLoad(LongExpression Address, int Size, bool SignExtend, int Site) : LongExpression;

/// <summary>What the kernel knows of the running thread and time.</summary>
public sealed record ContextLong(ContextValue Value) : LongExpression;

/// <summary>The entry of an array that has these keys, or 0.</summary>
public sealed record FindEntry(ArrayLayout Array, IReadOnlyList<LoweredKey> Keys) : LongExpression;

/// <summary>The first entry of an array in its order, or 0.</summary>
public sealed record FirstEntry(ArrayLayout Array, bool FromEnd) : LongExpression;

/// <summary>The entry after (or before) one in an array's order, or 0.</summary>
public sealed record NextEntry(ArrayLayout Array, LongExpression Entry, bool Backward) : LongExpression;
