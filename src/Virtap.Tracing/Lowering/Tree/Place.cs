namespace Virtap.Tracing.Lowering.Tree;

/// <summary>Somewhere in memory that a value lives: a word, or a string's slot.</summary>
public abstract record Place;

/// <summary>A local, a parameter or a temporary: <paramref name="Offset"/> bytes into the running handler's context.</summary>
public sealed record SlotPlace(int Offset) : Place;

/// <summary>A global, or a literal: <paramref name="Offset"/> bytes into memory.</summary>
public sealed record GlobalPlace(int Offset) : Place;

/// <summary>A field of an array's entry: <paramref name="Entry"/> is a memory offset as <see cref="FindEntry"/> gives it; for 0 the field reads as 0 or "".</summary>
public sealed record EntryPlace(LongExpression Entry, int Offset) : Place;
