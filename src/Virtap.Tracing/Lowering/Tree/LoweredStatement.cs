using Virtap.Tracing.Memory;

namespace Virtap.Tracing.Lowering.Tree;

/// <summary>A step of a handler.</summary>
public abstract record LoweredStatement;

/// <summary>Steps in order.</summary>
public sealed record LoweredBlock(IReadOnlyList<LoweredStatement> Statements) : LoweredStatement;

/// <summary>Stores an integer.</summary>
public sealed record StoreLong(Place Target, LongExpression Value) : LoweredStatement;

/// <summary>Copies a string into a place.</summary>
public sealed record StoreString(Place Target, StringExpression Value) : LoweredStatement;

/// <summary>Adds to a global in one indivisible step: exact without the lock.</summary>
public sealed record AtomicAdd(GlobalPlace Target, LongExpression Value) : LoweredStatement;

/// <summary>
/// Finds the entry with these keys, or makes one with a zero value, and stores its memory offset. A full array raises at <paramref name="Site"/>, or, where
/// it wraps, drops its oldest entry.
/// </summary>
public sealed record EnterEntry(SlotPlace Into, ArrayLayout Array, IReadOnlyList<LoweredKey> Keys, int Site) : LoweredStatement;

/// <summary>Removes the entry with these keys, if there is one.</summary>
public sealed record DeleteEntry(ArrayLayout Array, IReadOnlyList<LoweredKey> Keys) : LoweredStatement;

/// <summary>Empties an array.</summary>
public sealed record ClearArray(ArrayLayout Array) : LoweredStatement;

/// <summary>
/// Sorts the array's order by the field at <paramref name="FieldOffset"/> of its entries (a key or the value), stably; it stays so for later loops, as in SystemTap.
/// </summary>
public sealed record SortArray(ArrayLayout Array, int FieldOffset, bool FieldIsString, bool Descending) : LoweredStatement;

/// <summary>One of two ways.</summary>
public sealed record LoweredIf(LongExpression Condition, LoweredStatement Then, LoweredStatement? Else) : LoweredStatement;

/// <summary>
/// While the condition holds: body, then step. <see cref="LoweredContinue"/> goes to the step. The statements of <paramref name="Prelude"/> (moved out of the condition) run
/// before each test of it.
/// </summary>
public sealed record LoweredLoop(LoweredStatement? Prelude, LongExpression Condition, LoweredStatement Body, LoweredStatement? Step) : LoweredStatement;

/// <summary>Leaves the innermost loop.</summary>
public sealed record LoweredBreak : LoweredStatement;

/// <summary>Goes on with the innermost loop's step.</summary>
public sealed record LoweredContinue : LoweredStatement;

/// <summary>Calls a function: its parameters' slots have been stored, its result is in its result slot. <paramref name="Site"/> is where calls go too deep.</summary>
public sealed record LoweredCall(LoweredFunction Function, int Site) : LoweredStatement;

/// <summary>Leaves the running function, or in a handler's own body the handler.</summary>
public sealed record LoweredReturn : LoweredStatement;

/// <summary>Ends the handler from wherever it is (next).</summary>
public sealed record LoweredLeave : LoweredStatement;

/// <summary>Asks the session to end; the handler goes on (exit).</summary>
public sealed record RequestExit : LoweredStatement;

/// <summary>Raises an error with a text of the script's own: error("…").</summary>
public sealed record RaiseError(StringExpression Text, int Site) : LoweredStatement;

/// <summary>Runs the body; an error raised in it, or in what it calls, runs the handler instead of ending the probe.</summary>
public sealed record LoweredTry(LoweredStatement Body, LoweredStatement Handler) : LoweredStatement;

/// <summary>Sends a record of <paramref name="Format"/>'s arguments; the text is made where it is read.</summary>
public sealed record LoweredPrint(PrintSite Format) : LoweredStatement;

/// <summary>Counts statements against MAXACTION; one too many raises at <paramref name="Site"/>.</summary>
public sealed record CountActions(int Count, int Site) : LoweredStatement;

/// <summary>
/// Takes the session's lock, which the end of the handler gives back. At most once on any way through a handler, never inside a loop, a function or a try.
/// </summary>
public sealed record AcquireLock : LoweredStatement;
