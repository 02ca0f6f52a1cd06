using Virtap.Language;
using Virtap.Tracing.Memory;
using Virtap.Tracing.Patterns;

namespace Virtap.Tracing.Ir;

/// <summary>A step of a handler.</summary>
public abstract record LoweredStatement;

/// <summary>Steps in order.</summary>
public sealed record LoweredBlock(IReadOnlyList<LoweredStatement> Statements) : LoweredStatement;

/// <summary>Stores an integer.</summary>
public sealed record StoreLong(Location Target, LongExpression Value) : LoweredStatement;

/// <summary>Copies a string to a location.</summary>
public sealed record StoreString(Location Target, StringExpression Value) : LoweredStatement;

/// <summary>Adds to a global in one indivisible step: exact without the lock.</summary>
public sealed record AtomicAdd(GlobalSlot Target, LongExpression Value) : LoweredStatement;

/// <summary>
/// Finds the entry with these keys, or makes one with a zero value, and stores its memory offset. A full array raises at <paramref
/// name="Site"/>, or, where
/// it wraps, drops its oldest entry.
/// </summary>
public sealed record EnterEntry(ContextSlot Into, ArrayLayout Array, IReadOnlyList<Value> Keys, int Site) : LoweredStatement;

/// <summary>Removes the entry with these keys, if there is one.</summary>
public sealed record DeleteEntry(ArrayLayout Array, IReadOnlyList<Value> Keys) : LoweredStatement;

/// <summary>Empties an array.</summary>
public sealed record ClearArray(ArrayLayout Array) : LoweredStatement;

/// <summary>
/// Sorts the array's order by the field at <paramref name="FieldOffset"/> of its entries (a key or the value), stably; it stays so for
/// later loops, as in
/// SystemTap. Where no more than <see cref="MaxSelected"/> entries are wanted, as <paramref name="Limit"/> says, only they are selected
/// and sorted: the others stay as they are, those that lost a place among the first in front of them, the last to lose it first.
/// </summary>
public sealed record SortArray(
    ArrayLayout Array, int FieldOffset, ScriptType FieldType, bool Descending, LongExpression? Limit = null) : LoweredStatement
{
    /// <summary>SystemTap's runtime sorts all for a limit of more, or of 0; of a limit it takes 32 bits.</summary>
    public const int MaxSelected = 30;

    /// <summary>How many entries a limit selects; 0 for all. A negative limit selects one, and its loop none.</summary>
    public static int Selects(long limit) => (int)limit is <= MaxSelected and not 0 ? Math.Max((int)limit, 1) : 0;
}

/// <summary>Adds a value to an aggregate: the running handler's own part of a scalar one, or that in an array's entry.</summary>
public sealed record AddToStatistic(Location Target, StatisticLayout Layout, LongExpression Value) : LoweredStatement;

/// <summary>
/// Adds up the parts of a scalar aggregate, which are at <paramref name="Part"/> in each context, to a copy at <paramref name="Into"/>.
/// Only what <paramref name="Layout"/> has is copied.
/// </summary>
public sealed record MergeStatistic(ContextSlot Into, ContextSlot Part, StatisticLayout Layout) : LoweredStatement;

/// <summary>Empties a scalar aggregate: its part in each context.</summary>
public sealed record ClearStatistic(ContextSlot Part, StatisticLayout Layout) : LoweredStatement;

/// <summary>One of two ways.</summary>
public sealed record LoweredIf(LongExpression Condition, LoweredStatement Then, LoweredStatement? Else) : LoweredStatement;

/// <summary>
/// While the condition holds: body, then step. <see cref="LoweredContinue"/> goes to the step. The statements of <paramref
/// name="Prelude"/> (moved out of the condition) run
/// before each test of it.
/// </summary>
public sealed record LoweredLoop(LoweredStatement? Prelude, LongExpression Condition, LoweredStatement Body, LoweredStatement? Step)
    : LoweredStatement;

/// <summary>Leaves the innermost loop.</summary>
public sealed record LoweredBreak : LoweredStatement;

/// <summary>Goes on with the innermost loop's step.</summary>
public sealed record LoweredContinue : LoweredStatement;

/// <summary>
/// Calls a function: its parameters' slots have been stored, its result is in its result slot. <paramref name="Site"/> is where calls go
/// too deep.
/// </summary>
public sealed record LoweredCall(LoweredFunction Function, int Site) : LoweredStatement;

/// <summary>Leaves the running function, or in a handler's own body the handler.</summary>
public sealed record LoweredReturn : LoweredStatement;

/// <summary>Ends the handler from wherever it is (next).</summary>
public sealed record LoweredLeave : LoweredStatement;

/// <summary>Asks the session to end; the handler goes on (exit).</summary>
public sealed record RequestExit : LoweredStatement;

/// <summary>Raises an error with a text of the script's own: error("…").</summary>
public sealed record RaiseError(StringExpression Text, int Site) : LoweredStatement;

/// <summary>Raises an error that has no words of its own: MAXNESTING, an empty aggregate.</summary>
public sealed record RaiseKnownError(RuntimeError Error, int Site) : LoweredStatement;

/// <summary>Runs the body; an error raised in it, or in what it calls, runs the handler instead of ending the probe.</summary>
public sealed record LoweredTry(LoweredStatement Body, LoweredStatement Handler) : LoweredStatement;

/// <summary>Sends a record of <paramref name="Format"/>'s arguments; the text is made where it is read.</summary>
public sealed record LoweredPrint(PrintSite Format) : LoweredStatement;

/// <summary>
/// Matches a regular expression with the text at <paramref name="Text"/>. <paramref name="Groups"/> becomes the number of its groups, or 0
/// where it does not match; the words from <paramref name="Bounds"/> on where they begin and end, one after the other.
/// </summary>
public sealed record MatchPattern(PatternTable Table, ContextSlot Text, ContextSlot Groups, ContextSlot Bounds) : LoweredStatement;

/// <summary>Counts statements against MAXACTION; one too many raises at <paramref name="Site"/>.</summary>
public sealed record CountActions(int Count, int Site) : LoweredStatement;

/// <summary>
/// Takes the session's lock, which the end of the handler gives back. At most once on any way through a handler, never inside a loop, a
/// function or a try.
/// </summary>
public sealed record AcquireLock : LoweredStatement;
