using Virtap.Language.Library;

namespace Virtap.Tracing.Ir;

/// <summary>A string, computed: its value is the memory offset where its bytes lie.</summary>
public abstract record StringExpression : Value;

/// <summary>A string that is new: it has a slot of its own to be built in, so nothing is allocated while a handler runs.</summary>
/// <param name="Into">The slot. A store into the same slot has nothing left to copy.</param>
public abstract record BuiltString(ContextSlot Into) : StringExpression;

/// <summary>A string of the script itself, uncut. <paramref name="Offset"/> is where it lies in memory, cut at MAXSTRINGLEN.</summary>
public sealed record StringLiteral(string Text, int Offset) : StringExpression;

/// <summary>The string at a location.</summary>
public sealed record StringAt(Location Location) : StringExpression;

/// <summary>One of two strings; the other is not evaluated.</summary>
public sealed record StringConditional(LongExpression Condition, StringExpression WhenTrue, StringExpression WhenFalse) : StringExpression;

/// <summary>Left then right, cut at MAXSTRINGLEN. Neither side may use the slot <paramref name="Into"/>.</summary>
public sealed record StringConcat(ContextSlot Into, StringExpression Left, StringExpression Right) : BuiltString(Into);

/// <summary>sprintf: the pieces formatted one after the other, cut at MAXSTRINGLEN.</summary>
public sealed record StringFormat(ContextSlot Into, IReadOnlyList<FormatPiece> Pieces) : BuiltString(Into);

/// <summary>
/// Part of a string: <paramref name="Length"/> bytes from byte <paramref name="Start"/>; empty where out of range, as SystemTap's substr.
/// </summary>
public sealed record Substring(ContextSlot Into, StringExpression Operand, LongExpression Start, LongExpression Length) : BuiltString(Into);

/// <summary>The name of the running thread (execname) or of its parent (pexecname).</summary>
public sealed record ThreadName(ContextSlot Into, bool OfParent) : BuiltString(Into);

/// <summary>
/// A zero-terminated string in memory, the target's or the kernel's; what cannot be read raises a read fault at <paramref name="Site"/>.
/// </summary>
public sealed record TargetString(ContextSlot Into, LongExpression Address, int Site, MemorySpace Space = MemorySpace.Target)
    : BuiltString(Into);

/// <summary>
/// A string that depends on the probe site that was hit, such as pp(): entry <c>Site</c> (of the context) of a table of 64-bit memory
/// offsets at
/// <paramref name="TableOffset"/>.
/// </summary>
public sealed record SiteString(int TableOffset) : StringExpression;

/// <summary>The string that a word of a table is the memory offset of.</summary>
public sealed record TableText(TableWord Offset) : StringExpression;

/// <summary>The text of the error being caught, without its place: "division by 0".</summary>
public sealed record ErrorText(ContextSlot Into) : BuiltString(Into);
