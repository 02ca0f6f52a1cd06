namespace Virtap.Language.Syntax.Tree;

/// <summary>An expression.</summary>
public abstract record ExpressionSyntax(SourceSpan Span) : SyntaxNode(Span);

/// <summary>An expression made by an operator; errors are placed at the operator, as SystemTap places them.</summary>
public abstract record OperatorSyntax(SourceSpan Span, SourceSpan OperatorSpan) : ExpressionSyntax(Span);

public sealed record NumberSyntax(SourceSpan Span, long Value) : ExpressionSyntax(Span);

/// <summary>
/// A string literal, escapes and adjacent literals resolved. <see cref="ByteText"/> knows its bytes, which need not be UTF-8. It ends
/// before a NUL, as the language's strings do.
/// </summary>
public sealed record StringSyntax(SourceSpan Span, string Value) : ExpressionSyntax(Span);

/// <summary>A variable, or an array as a whole.</summary>
public sealed record NameSyntax(SourceSpan Span, string Name) : ExpressionSyntax(Span);

/// <summary>
/// <c>a[k1, k2]</c>; a null key is <c>*</c> (delete and in only). The array is a <see cref="NameSyntax"/> or a
/// <see cref="HistogramSyntax"/>.
/// </summary>
public sealed record ElementSyntax(SourceSpan Span, ExpressionSyntax Array, IReadOnlyList<ExpressionSyntax?> Keys) : ExpressionSyntax(Span);

/// <summary><c>k in a</c>, <c>[k1, *] in a</c></summary>
public sealed record MembershipSyntax(
    SourceSpan Span, SourceSpan OperatorSpan, IReadOnlyList<ExpressionSyntax?> Keys, ExpressionSyntax Collection)
    : OperatorSyntax(Span, OperatorSpan);

public sealed record UnarySyntax(SourceSpan Span, SourceSpan OperatorSpan, SyntaxOperator Operator, ExpressionSyntax Operand)
    : OperatorSyntax(Span, OperatorSpan);

/// <summary><c>++</c> and <c>--</c>, before or behind.</summary>
public sealed record IncrementSyntax(
    SourceSpan Span, SourceSpan OperatorSpan, SyntaxOperator Operator, bool IsPrefix, ExpressionSyntax Operand)
        : OperatorSyntax(Span, OperatorSpan);

/// <summary>Arithmetic, comparison, logic, concatenation, regular-expression match.</summary>
public sealed record BinarySyntax(
    SourceSpan Span, SourceSpan OperatorSpan, SyntaxOperator Operator, ExpressionSyntax Left, ExpressionSyntax Right)
        : OperatorSyntax(Span, OperatorSpan);

/// <summary>
/// <c>=</c> (<see cref="SyntaxOperator.Assign"/>), <c>op=</c> (the operator), <c>&lt;&lt;&lt;</c>
/// (<see cref="SyntaxOperator.Accumulate"/>).
/// </summary>
public sealed record AssignmentSyntax(
    SourceSpan Span, SourceSpan OperatorSpan, SyntaxOperator Operator, ExpressionSyntax Target, ExpressionSyntax Value)
        : OperatorSyntax(Span, OperatorSpan);

public sealed record ConditionalSyntax(
    SourceSpan Span, SourceSpan OperatorSpan, ExpressionSyntax Condition, ExpressionSyntax WhenTrue, ExpressionSyntax WhenFalse)
        : OperatorSyntax(Span, OperatorSpan);

/// <summary>A call of a function of a script or of the tapset, printing functions included.</summary>
public sealed record CallSyntax(SourceSpan Span, string Name, IReadOnlyList<ExpressionSyntax> Arguments) : ExpressionSyntax(Span);

/// <summary><c>@count(x)</c> and its like; <c>@variance(x, shift)</c> has a parameter.</summary>
public sealed record ExtractSyntax(
    SourceSpan Span, StatisticOperator Operator, ExpressionSyntax Operand, IReadOnlyList<ExpressionSyntax> Parameters)
        : ExpressionSyntax(Span);

/// <summary><c>@hist_log(x)</c> (no parameters) or <c>@hist_linear(x, start, stop, step)</c>.</summary>
public sealed record HistogramSyntax(SourceSpan Span, ExpressionSyntax Operand, bool IsLinear, IReadOnlyList<ExpressionSyntax> Parameters)
    : ExpressionSyntax(Span);

/// <summary>
/// <c>$x</c>, <c>$arg1</c>, <c>$$vars</c>, <c>$return</c>, <c>$x->f[1]$$</c>. The name is without its first <c>$</c> (so <c>$$vars</c> is
/// <c>$vars</c>).
/// </summary>
public sealed record TargetSyntax(SourceSpan Span, string Name, IReadOnlyList<TargetAccessSyntax> Accesses) : ExpressionSyntax(Span);

/// <summary><c>@var("name@cu", "module")</c> with accesses.</summary>
public sealed record AtVarSyntax(SourceSpan Span, string Name, string? Module, IReadOnlyList<TargetAccessSyntax> Accesses)
    : ExpressionSyntax(Span);

/// <summary><c>@cast(p, "type", "module")->f</c></summary>
public sealed record AtCastSyntax(
    SourceSpan Span, ExpressionSyntax Operand, string Type, string? Module, IReadOnlyList<TargetAccessSyntax> Accesses)
        : ExpressionSyntax(Span);

/// <summary><c>p->f</c> on a script's own variable, whose type follows from assignments (autocast).</summary>
public sealed record AutocastSyntax(SourceSpan Span, ExpressionSyntax Operand, IReadOnlyList<TargetAccessSyntax> Accesses)
    : ExpressionSyntax(Span);

/// <summary><c>&amp;$x->f</c> and the like.</summary>
public sealed record AddressOfSyntax(SourceSpan Span, ExpressionSyntax Operand) : ExpressionSyntax(Span);

/// <summary><c>@defined(e)</c></summary>
public sealed record DefinedSyntax(SourceSpan Span, ExpressionSyntax Operand) : ExpressionSyntax(Span);

/// <summary><c>@choose_defined(a, b)</c></summary>
public sealed record ChooseDefinedSyntax(SourceSpan Span, ExpressionSyntax First, ExpressionSyntax Second) : ExpressionSyntax(Span);

/// <summary>
/// The other <c>@name(…)</c> operators: entry, perf, const, enum, enumname, uderef, kderef, uregister, kregister, probewrite, errno.
/// </summary>
public sealed record AtOperatorSyntax(SourceSpan Span, string Name, IReadOnlyList<ExpressionSyntax> Arguments) : ExpressionSyntax(Span);

/// <summary><c>%{ C code %}</c> as an expression.</summary>
public sealed record EmbeddedExpressionSyntax(SourceSpan Span, string Code) : ExpressionSyntax(Span);

/// <summary>One step from a target variable: into a member, an element, or (last) its pretty printing.</summary>
public abstract record TargetAccessSyntax(SourceSpan Span) : SyntaxNode(Span);

/// <summary><c>->name</c></summary>
public sealed record MemberAccessSyntax(SourceSpan Span, string Name) : TargetAccessSyntax(Span);

/// <summary><c>[index]</c></summary>
public sealed record IndexAccessSyntax(SourceSpan Span, ExpressionSyntax Index) : TargetAccessSyntax(Span);

/// <summary><c>$</c> (depth 1) or <c>$$</c> (depth 2) at the end.</summary>
public sealed record PrettyAccessSyntax(SourceSpan Span, int Depth) : TargetAccessSyntax(Span);
