using Virtap.Language.Binding.Targets;
using Virtap.Language.Library;
using Virtap.Language.Patterns;
using Virtap.Language.Syntax.Tree;

namespace Virtap.Language.Binding.Tree;

/// <summary>An expression whose names are resolved.</summary>
/// <param name="Span">Where an error in it is placed: SystemTap's place, such as the operator.</param>
public abstract record BoundExpression(SourceSpan Span)
{
    /// <summary>The type of its value, which follows from its parts; <see cref="ScriptType.Unknown"/> for what has no value.</summary>
    public abstract ScriptType Type { get; }
}

public sealed record BoundLong(SourceSpan Span, long Value) : BoundExpression(Span)
{
    public override ScriptType Type => ScriptType.Long;
}

public sealed record BoundString(SourceSpan Span, string Value) : BoundExpression(Span)
{
    public override ScriptType Type => ScriptType.String;
}

/// <summary>A scalar: a local, a parameter, a global. It can be assigned to.</summary>
public sealed record BoundVariable(SourceSpan Span, VariableSymbol Symbol) : BoundExpression(Span)
{
    public override ScriptType Type => Symbol.Type;
}

/// <summary>An element of an array, as many keys as it has indices. It can be assigned to.</summary>
public sealed record BoundElement(SourceSpan Span, GlobalSymbol Array, IReadOnlyList<BoundExpression> Keys) : BoundExpression(Span)
{
    public override ScriptType Type => Array.Type;
}

/// <summary>A value of the traced program: <c>$x</c>. Its handler's targets agree on the source.</summary>
/// <param name="Span">Where it is.</param>
/// <param name="Name">As the script has it: <c>$x->y</c>.</param>
/// <param name="Source">How to read it.</param>
/// <param name="Operands">The numbers of the script's own that the source refers to: what is cast, what an element is sought by.</param>
public sealed record BoundTarget(SourceSpan Span, string Name, TargetSource Source, IReadOnlyList<BoundExpression> Operands)
    : BoundExpression(Span)
{
    public override ScriptType Type => ScriptType.Long;
}

/// <summary>A text that depends on which of the handler's targets was hit.</summary>
public sealed record BoundTargetText(SourceSpan Span, TargetText Text) : BoundExpression(Span)
{
    public override ScriptType Type => ScriptType.String;
}

/// <summary>Arithmetic negation, bitwise not, logical not.</summary>
public sealed record BoundUnary(SourceSpan Span, SyntaxOperator Operator, BoundExpression Operand) : BoundExpression(Span)
{
    public override ScriptType Type => ScriptType.Long;
}

/// <summary>Arithmetic and bit operations on numbers, comparisons on two of a type, short-circuit logic; not concatenation.</summary>
public sealed record BoundBinary(SourceSpan Span, SyntaxOperator Operator, BoundExpression Left, BoundExpression Right)
    : BoundExpression(Span)
{
    public override ScriptType Type => ScriptType.Long;
}

/// <summary>Two strings one after the other.</summary>
public sealed record BoundConcatenation(SourceSpan Span, BoundExpression Left, BoundExpression Right) : BoundExpression(Span)
{
    public override ScriptType Type => ScriptType.String;
}

/// <summary>A string against a POSIX extended regular expression.</summary>
public sealed record BoundMatch(SourceSpan Span, BoundExpression Subject, Pattern Pattern, bool IsNegated) : BoundExpression(Span)
{
    public override ScriptType Type => ScriptType.Long;
}

public sealed record BoundConditional(SourceSpan Span, BoundExpression Condition, BoundExpression WhenTrue, BoundExpression WhenFalse)
    : BoundExpression(Span)
{
    public override ScriptType Type => WhenTrue.Type != ScriptType.Unknown ? WhenTrue.Type : WhenFalse.Type;
}

/// <summary>Whether an array has an entry with these keys; null stands for any.</summary>
public sealed record BoundMembership(SourceSpan Span, GlobalSymbol Array, IReadOnlyList<BoundExpression?> Keys) : BoundExpression(Span)
{
    public override ScriptType Type => ScriptType.Long;
}

/// <summary>
/// Stores, and has the stored value. With an operator (never <see cref="SyntaxOperator.Accumulate"/>) the target is read first. The target
/// is a <see cref="BoundVariable"/> or a <see cref="BoundElement"/>, whose keys are evaluated once.
/// </summary>
public sealed record BoundAssignment(SourceSpan Span, BoundExpression Target, SyntaxOperator Operator, BoundExpression Value)
    : BoundExpression(Span)
{
    public override ScriptType Type => Target.Type;
}

/// <summary><c>&lt;&lt;&lt;</c>: adds a value to an aggregate.</summary>
public sealed record BoundAccumulation(SourceSpan Span, BoundExpression Target, BoundExpression Value) : BoundExpression(Span)
{
    public override ScriptType Type => ScriptType.Long;
}

/// <summary><c>++x</c>, <c>x--</c>: has the new value as a prefix, the old one behind.</summary>
public sealed record BoundIncrement(SourceSpan Span, BoundExpression Target, long Change, bool IsPrefix) : BoundExpression(Span)
{
    public override ScriptType Type => ScriptType.Long;
}

/// <summary>A call of a function of the script or the tapset; arguments are evaluated from left to right.</summary>
public sealed record BoundCall(SourceSpan Span, FunctionSymbol Function, IReadOnlyList<BoundExpression> Arguments) : BoundExpression(Span)
{
    public override ScriptType Type => Function.ReturnType;
}

/// <summary>A call of something that every machine knows.</summary>
public sealed record BoundBuiltInCall(SourceSpan Span, BuiltIn Function, IReadOnlyList<BoundExpression> Arguments) : BoundExpression(Span)
{
    public override ScriptType Type => Function.Result;
}

/// <summary>sprintf, sprint, sprintln, sprintd, sprintdln: the pieces, formatted one after the other.</summary>
public sealed record BoundFormat(SourceSpan Span, IReadOnlyList<BoundFormatPiece> Pieces) : BoundExpression(Span)
{
    /// <summary>What it is where a value cannot be read; null where that is an error of the handler's.</summary>
    public string? WhereUnreadable { get; init; }

    public override ScriptType Type => ScriptType.String;
}

/// <summary>
/// printf, print, println, printd, printdln; log and warn too, with the newline that they add (a warning's <c>WARNING: </c> is added where
/// it is shown); what else becomes of a text. It has no value.
/// </summary>
public sealed record BoundPrint(SourceSpan Span, IReadOnlyList<BoundFormatPiece> Pieces, PrintChannel Into) : BoundExpression(Span)
{
    /// <summary>Whether it is one of the language's own, which are numbers where a value is wanted: 0. A function has none.</summary>
    public bool IsOperator { get; init; }

    public override ScriptType Type => IsOperator ? ScriptType.Long : ScriptType.Unknown;
}

/// <summary><c>@count(x)</c> and its like; the operand is a <see cref="BoundVariable"/> or a <see cref="BoundElement"/>.</summary>
public sealed record BoundExtract(SourceSpan Span, StatisticOperator Operator, BoundExpression Operand, long Parameter)
    : BoundExpression(Span)
{
    public override ScriptType Type => ScriptType.Long;
}

/// <summary>An element of a histogram: <c>@hist_log(x)[i]</c>.</summary>
public sealed record BoundBucket(SourceSpan Span, BoundHistogram Histogram, BoundExpression Index) : BoundExpression(Span)
{
    public override ScriptType Type => ScriptType.Long;
}

/// <summary>
/// A histogram of an aggregate, which is a <see cref="BoundVariable"/> or a <see cref="BoundElement"/> of a global that has this shape.
/// </summary>
public sealed record BoundHistogram(SourceSpan Span, BoundExpression Operand, HistogramShape Shape);
