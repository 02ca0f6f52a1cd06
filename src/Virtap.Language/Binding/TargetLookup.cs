namespace Virtap.Language.Binding;

/// <summary>The answer to the question what <c>$name</c> is at a target.</summary>
/// <param name="Source">How to read it; null where it cannot be read.</param>
/// <param name="Problem">Why it cannot be read, for people; null where it can, and where the name is unknown.</param>
public readonly record struct TargetLookup(TargetSource? Source, string? Problem)
{
    /// <summary>There is no variable of this name.</summary>
    public static TargetLookup Unknown => default;
}

/// <summary>How to read a 64-bit number at a target; opaque to this room. Compared by value: equal sources make equal code.</summary>
/// <param name="CType">Its C type where known: <c>$x$</c> prints a <c>char *</c> as the string that it points to.</param>
public abstract record TargetSource(string? CType);
