namespace Virtap.Language.Syntax.Tree;

/// <summary>A piece of a script as it was written, macros and conditions already resolved.</summary>
/// <param name="Span">Where it stands; for an operator expression SystemTap's place is its operator, see
/// <see cref="OperatorSyntax"/>.</param>
public abstract record SyntaxNode(SourceSpan Span);

/// <summary>One file: its globals, functions, aliases and probes, in order.</summary>
public sealed record ScriptSyntax(SourceText Source, IReadOnlyList<DeclarationSyntax> Declarations);
