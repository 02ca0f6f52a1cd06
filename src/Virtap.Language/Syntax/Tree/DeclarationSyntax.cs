namespace Virtap.Language.Syntax.Tree;

/// <summary>A piece of a script as it was written, macros and conditions already resolved.</summary>
/// <param name="Span">Where it stands; for an operator expression SystemTap's place is its operator, see
/// <see cref="OperatorSyntax"/>.</param>
public abstract record SyntaxNode(SourceSpan Span);

/// <summary>One file: its globals, functions, aliases and probes, in order.</summary>
public sealed record ScriptSyntax(SourceText Source, IReadOnlyList<DeclarationSyntax> Declarations);

/// <summary>What a script consists of.</summary>
public abstract record DeclarationSyntax(SourceSpan Span) : SyntaxNode(Span);

/// <summary><c>[private] global a, b = 1, c[10], d%[5], e%</c></summary>
public sealed record GlobalSyntax(SourceSpan Span, bool IsPrivate, IReadOnlyList<GlobalDeclaratorSyntax> Declarators)
    : DeclarationSyntax(Span);

/// <summary>
/// One name of a global declaration. <paramref name="Size"/> is the number in brackets; <paramref name="Initializer"/> a number or a
/// string.
/// </summary>
public sealed record GlobalDeclaratorSyntax(SourceSpan Span, string Name, bool Wraps, long? Size, ExpressionSyntax? Initializer)
    : SyntaxNode(Span);

/// <summary><c>[private] function name[:type] ([args]) [:priority] { … }</c></summary>
public sealed record FunctionSyntax(
    SourceSpan Span,
    bool IsPrivate,
    string Name,
    ScriptType ReturnType,
    IReadOnlyList<ParameterSyntax> Parameters,
    long? Priority,
    StatementSyntax Body) : DeclarationSyntax(Span)
{
    /// <summary>Where its name stands.</summary>
    public SourceSpan NameSpan { get; init; } = Span;
}

/// <summary>A parameter; <see cref="ScriptType.Unknown"/> where its type is not written.</summary>
public sealed record ParameterSyntax(SourceSpan Span, string Name, ScriptType Type) : SyntaxNode(Span);

/// <summary><c>[private] probe points { … }</c></summary>
public sealed record ProbeSyntax(SourceSpan Span, bool IsPrivate, IReadOnlyList<ProbePointSyntax> Points, BlockSyntax Body)
    : DeclarationSyntax(Span);

/// <summary>
/// <c>probe name = points { prologue }</c>, <c>probe name += points { epilogue }</c>, <c>probe name = points { prologue }, { epilogue }</c>
/// </summary>
public sealed record AliasSyntax(
    SourceSpan Span,
    bool IsPrivate,
    IReadOnlyList<ProbePointSyntax> Names,
    IReadOnlyList<ProbePointSyntax> Points,
    BlockSyntax? Prologue,
    BlockSyntax? Epilogue) : DeclarationSyntax(Span);

/// <summary>One probe point, braces expanded: <c>process("a").mark("b")! if (cond)</c>.</summary>
public sealed record ProbePointSyntax(
    SourceSpan Span,
    IReadOnlyList<ProbeComponentSyntax> Components,
    bool IsOptional,
    bool IsSufficient,
    ExpressionSyntax? Condition) : SyntaxNode(Span);

/// <summary>
/// A component with its argument, a <see cref="NumberSyntax"/> or <see cref="StringSyntax"/>; the name may hold wildcards.
/// </summary>
public sealed record ProbeComponentSyntax(SourceSpan Span, string Name, ExpressionSyntax? Argument) : SyntaxNode(Span);

/// <summary><c>%{ C code %}</c> outside of a function.</summary>
public sealed record EmbeddedDeclarationSyntax(SourceSpan Span, string Code) : DeclarationSyntax(Span);
