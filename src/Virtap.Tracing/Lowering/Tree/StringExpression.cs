namespace Virtap.Tracing.Lowering.Tree;

/// <summary>A string, computed: its value is the memory offset where its bytes lie.</summary>
public abstract record StringExpression;

/// <summary>A string that is new: it has a slot of its own to be built in, so nothing is allocated while a handler runs.</summary>
/// <param name="Into">The slot. A store into the same slot has nothing left to copy.</param>
public abstract record BuiltString(SlotPlace Into) : StringExpression;

/// <summary>The string at a place (a literal is a string at a <see cref="GlobalPlace"/>).</summary>
public sealed record StringAt(Place Place) : StringExpression;

/// <summary>One of two strings; the other is not evaluated.</summary>
public sealed record StringConditional(LongExpression Condition, StringExpression WhenTrue, StringExpression WhenFalse) : StringExpression;

/// <summary>Left then right, cut at MAXSTRINGLEN. Neither side may use the slot <paramref name="Into"/>.</summary>
public sealed record StringConcat(SlotPlace Into, StringExpression Left, StringExpression Right) : BuiltString(Into);

/// <summary>sprintf: the pieces formatted one after the other, cut at MAXSTRINGLEN.</summary>
public sealed record StringFormat(SlotPlace Into, IReadOnlyList<FormatPiece> Pieces) : BuiltString(Into);

/// <summary>Part of a string: <paramref name="Length"/> bytes from byte <paramref name="Start"/>; empty where out of range, as SystemTap's substr.</summary>
public sealed record Substring(SlotPlace Into, StringExpression Operand, LongExpression Start, LongExpression Length) : BuiltString(Into);

/// <summary>The name of the running thread (execname) or of its parent (pexecname).</summary>
public sealed record ThreadName(SlotPlace Into, bool OfParent) : BuiltString(Into);

/// <summary>A zero-terminated string in the target's memory; what cannot be read raises a read fault at <paramref name="Site"/>.</summary>
public sealed record TargetString(SlotPlace Into, LongExpression Address, int Site) : BuiltString(Into);

/// <summary>
/// A string that depends on the probe site that was hit, such as pp(): entry <c>Site</c> (of the context) of a table of 64-bit memory offsets at
/// <paramref name="TableOffset"/>.
/// </summary>
public sealed record SiteString(int TableOffset) : StringExpression;

/// <summary>The text of the error being caught, without its place: "division by 0".</summary>
public sealed record ErrorText(SlotPlace Into) : BuiltString(Into);
