using Virtap.Language.Lexing;

namespace Virtap.Language.Syntax.Preprocessing;

/// <summary><c>@define name(parameters) %( body %)</c></summary>
/// <param name="Name">Without <c>@</c>.</param>
/// <param name="Span">Where its name stands.</param>
/// <param name="Parameters">Their names; empty where it is called without parentheses.</param>
/// <param name="Body">The tokens, macros in it not yet expanded.</param>
internal sealed record Macro(string Name, SourceSpan Span, IReadOnlyList<string> Parameters, IReadOnlyList<Token> Body);
