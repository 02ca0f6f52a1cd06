namespace Virtap.Language.Syntax.Tree;

/// <summary>A statement.</summary>
public abstract record StatementSyntax(SourceSpan Span) : SyntaxNode(Span);

public sealed record BlockSyntax(SourceSpan Span, IReadOnlyList<StatementSyntax> Statements) : StatementSyntax(Span);

public sealed record EmptySyntax(SourceSpan Span) : StatementSyntax(Span);

public sealed record ExpressionStatementSyntax(SourceSpan Span, ExpressionSyntax Expression) : StatementSyntax(Span);

public sealed record IfSyntax(SourceSpan Span, ExpressionSyntax Condition, StatementSyntax Then, StatementSyntax? Else)
    : StatementSyntax(Span);

public sealed record WhileSyntax(SourceSpan Span, ExpressionSyntax Condition, StatementSyntax Body) : StatementSyntax(Span);

/// <summary>Each part may be missing; a missing condition holds.</summary>
public sealed record ForSyntax(
    SourceSpan Span,
    ExpressionSyntax? Initializer,
    ExpressionSyntax? Condition,
    ExpressionSyntax? Step,
    StatementSyntax Body) : StatementSyntax(Span);

/// <summary>
/// <c>foreach (value = [k1, k2+] in array[slice]- limit n) body</c>. The collection is a <see cref="NameSyntax"/> (an array) or a
/// <see cref="HistogramSyntax"/>.
/// </summary>
/// <param name="Span">From <c>foreach</c> on.</param>
/// <param name="Value">The variable that takes each value, or null.</param>
/// <param name="Keys">The variables that take the keys.</param>
/// <param name="Collection">What is walked.</param>
/// <param name="Slice">One expression for each key, null for <c>*</c>; null where there is no slice.</param>
/// <param name="Sort">How to sort first, or null.</param>
/// <param name="Limit">How many at most, or null.</param>
/// <param name="Body">What is done for each.</param>
public sealed record ForEachSyntax(
    SourceSpan Span,
    NameSyntax? Value,
    IReadOnlyList<NameSyntax> Keys,
    ExpressionSyntax Collection,
    IReadOnlyList<ExpressionSyntax?>? Slice,
    SortSyntax? Sort,
    ExpressionSyntax? Limit,
    StatementSyntax Body) : StatementSyntax(Span);

/// <summary>
/// <c>+</c> or <c>-</c> behind a key (its number from 0), or behind the value or the array (-1); with an extractor for an aggregate.
/// </summary>
public sealed record SortSyntax(SourceSpan Span, int Key, bool Descending, StatisticOperator? Extractor);

public sealed record BreakSyntax(SourceSpan Span) : StatementSyntax(Span);

public sealed record ContinueSyntax(SourceSpan Span) : StatementSyntax(Span);

public sealed record NextSyntax(SourceSpan Span) : StatementSyntax(Span);

public sealed record ReturnSyntax(SourceSpan Span, ExpressionSyntax? Value) : StatementSyntax(Span);

/// <summary><c>delete x</c>: an element (perhaps a slice), a whole array, a scalar.</summary>
public sealed record DeleteSyntax(SourceSpan Span, ExpressionSyntax Target) : StatementSyntax(Span);

public sealed record TrySyntax(SourceSpan Span, StatementSyntax Body, NameSyntax? Variable, StatementSyntax Handler)
    : StatementSyntax(Span);

/// <summary><c>%{ C code %}</c> as a function's body or a statement.</summary>
public sealed record EmbeddedStatementSyntax(SourceSpan Span, string Code) : StatementSyntax(Span);
