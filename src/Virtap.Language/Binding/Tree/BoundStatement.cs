using Virtap.Language.Syntax.Tree;

namespace Virtap.Language.Binding.Tree;

/// <summary>A statement whose names are resolved.</summary>
public abstract record BoundStatement(SourceSpan Span);

public sealed record BoundBlock(SourceSpan Span, IReadOnlyList<BoundStatement> Statements) : BoundStatement(Span);

public sealed record BoundExpressionStatement(SourceSpan Span, BoundExpression Expression) : BoundStatement(Span);

public sealed record BoundIf(SourceSpan Span, BoundExpression Condition, BoundStatement Then, BoundStatement? Else) : BoundStatement(Span);

/// <summary>while and for: initializer, then as long as the condition holds body and step. Any but the body may be missing.</summary>
public sealed record BoundLoop(
    SourceSpan Span,
    BoundExpression? Initializer,
    BoundExpression? Condition,
    BoundExpression? Step,
    BoundStatement Body) : BoundStatement(Span);

/// <summary>
/// foreach over an array. Locals or globals take each entry's keys and, where asked for, its value. <paramref name="Slice"/> has a value
/// or null (any) for each key, or is null as a whole.
/// <paramref name="SortKey"/> is the number of a key, -1 for the value, null for the array's own order.
/// </summary>
public sealed record BoundForEach(
    SourceSpan Span,
    GlobalSymbol Array,
    IReadOnlyList<VariableSymbol> Keys,
    VariableSymbol? Value,
    IReadOnlyList<BoundExpression?>? Slice,
    int? SortKey,
    bool Descending,
    StatisticOperator? SortExtractor,
    BoundExpression? Limit,
    BoundStatement Body) : BoundStatement(Span);

/// <summary>
/// foreach over the buckets of a histogram: their numbers and, where asked for, their counts. In the order of the numbers: SystemTap takes
/// a direction here, and does not follow it.
/// </summary>
public sealed record BoundForEachBucket(
    SourceSpan Span,
    BoundHistogram Histogram,
    VariableSymbol Bucket,
    VariableSymbol? Value,
    BoundExpression? Limit,
    BoundStatement Body) : BoundStatement(Span);

public sealed record BoundBreak(SourceSpan Span) : BoundStatement(Span);

public sealed record BoundContinue(SourceSpan Span) : BoundStatement(Span);

/// <summary>Ends the handler.</summary>
public sealed record BoundNext(SourceSpan Span) : BoundStatement(Span);

/// <summary>
/// Goes on with the next overload of the running function, with the arguments that it was called with; has that one's value as its own.
/// </summary>
public sealed record BoundNextOverload(SourceSpan Span, FunctionSymbol Function) : BoundStatement(Span);

public sealed record BoundReturn(SourceSpan Span, BoundExpression? Value) : BoundStatement(Span);

/// <summary>An error in the body runs the handler, its text in the variable if there is one.</summary>
public sealed record BoundTry(SourceSpan Span, BoundStatement Body, VariableSymbol? Variable, BoundStatement Handler)
    : BoundStatement(Span);

/// <summary>Deletes one element, or with null for a key all that match.</summary>
public sealed record BoundDeleteElement(SourceSpan Span, GlobalSymbol Array, IReadOnlyList<BoundExpression?> Keys) : BoundStatement(Span);

/// <summary>Empties an array, or sets a scalar back to 0, "" or no values.</summary>
public sealed record BoundDeleteVariable(SourceSpan Span, VariableSymbol Variable) : BoundStatement(Span);
