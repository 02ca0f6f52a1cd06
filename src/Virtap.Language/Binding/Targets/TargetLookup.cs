using Virtap.Language.Library;

namespace Virtap.Language.Binding.Targets;

/// <summary>The answer to the question what <c>$name</c>, a member or a type is at a target.</summary>
/// <param name="Source">How to read it; null where it cannot be read.</param>
/// <param name="Problem">Why it cannot be read, as the end of a sentence; null where it can, and where there is no such thing.</param>
public readonly record struct TargetLookup(TargetSource? Source, string? Problem)
{
    /// <summary>There is no such thing, as far as anybody knows.</summary>
    public static TargetLookup Unknown => default;

    /// <summary>That there is no such thing: a whole sentence, in SystemTap's words where it has some.</summary>
    public string? Missing { get; init; }

    /// <summary>What could have been meant where it is missing, or what helps; null where nothing is known to.</summary>
    public string? Hint { get; init; }

    /// <summary>
    /// Of what lies in another file than the one probed, that file: how far the process has moved it is the first operand.
    /// </summary>
    public LoadedImage? Image { get; init; }

    /// <summary>There is no such thing.</summary>
    public static TargetLookup None(string sentence, string? hint = null) => new(null, null) { Missing = sentence, Hint = hint };
}

/// <summary>A file that a process has loaded.</summary>
/// <param name="Path">Its path, for messages.</param>
/// <param name="Inode">Its inode.</param>
/// <param name="Device">The kernel's number of its device; 0 where that has none of its own.</param>
/// <param name="Dynamic">Link-time address of its dynamic section; 0 for none.</param>
public sealed record LoadedImage(string Path, long Inode, long Device, long Dynamic);

/// <summary>
/// What <c>$x</c> is at a target: a type, and where it is. Both are the matter of who answers for the target; a script wants a 64-bit
/// number of it, its text, its members and its elements. Compared by value: equal sources make equal code.
/// </summary>
public abstract record TargetSource
{
    /// <summary>Whose memory its addresses are of.</summary>
    public MemorySpace Space { get; init; }

    /// <summary>What its type makes of the number: how <c>$x$</c> prints it.</summary>
    public abstract TargetValueKind Kind { get; }

    /// <summary>
    /// <c>$x->name</c>: a member of the structure that it is, or points to. Unknown where nobody knows such a structure.
    /// </summary>
    public abstract TargetLookup Member(string name);

    /// <summary><c>$x[index]</c>: an element of the array that it is, or points into.</summary>
    public virtual TargetLookup Element(TargetIndex index) => TargetLookup.Unknown;

    /// <summary><c>&amp;$x</c>: the address of its first byte, as a pointer to what it is.</summary>
    public virtual TargetLookup Address => TargetLookup.Unknown;

    /// <summary>Why it has no value that is a number, in SystemTap's words; null where it has one.</summary>
    public virtual string? WhyNoNumber => null;

    /// <summary>
    /// The same type for a number of the script's own, its first operand (see <see cref="TargetIndex"/>): what <c>p->f</c> reads after
    /// <c>p = $x</c>. Null where the type says nothing about numbers.
    /// </summary>
    public virtual TargetSource? OfOperand => null;

    /// <summary>The parts of what it is or, where that is a structure, points to, in order; empty for what has none.</summary>
    public virtual IReadOnlyList<TargetPart> Parts => [];
}

/// <summary>
/// What an element is sought by. Numbers that a script computes at the hit are not known to who answers for targets: a source names them
/// by their place among the operands of the expression, and whoever binds it keeps them.
/// </summary>
/// <param name="IsOperand">Whether <paramref name="Number"/> is an operand's place, rather than the index itself.</param>
/// <param name="Number">The index, or an operand's place from 0.</param>
public readonly record struct TargetIndex(bool IsOperand, long Number);

/// <summary>A part of a structure, or the first element of an array.</summary>
/// <param name="Label">What is printed before its value: <c>.name=</c>, <c>&lt;union&gt;=</c>; empty for an element.</param>
/// <param name="Lookup">How to read it.</param>
public sealed record TargetPart(string Label, TargetLookup Lookup);

/// <summary>How values of a C type are printed.</summary>
public enum TargetValueKind
{
    /// <summary>Of a type that is not known.</summary>
    Other,
    Signed,
    Unsigned,
    Character,
    Pointer,
    FunctionPointer,

    /// <summary>A pointer to a structure, whose members are printed where the pointer itself was asked for.</summary>
    StructurePointer,

    /// <summary>A pointer to characters: a string, as far as anybody knows.</summary>
    Text,

    /// <summary>An array of characters.</summary>
    TextArray,

    /// <summary>A structure or a union: its parts.</summary>
    Structure,

    /// <summary>An array: its first element, which is its only part; of one with several dimensions the first of all.</summary>
    Array,

    /// <summary>A value of which a script has no more than the bits: a floating-point number.</summary>
    Bits,
}
