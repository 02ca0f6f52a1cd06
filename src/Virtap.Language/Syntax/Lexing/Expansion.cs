using Virtap.Language.Diagnostics;

namespace Virtap.Language.Syntax.Lexing;

/// <summary>Where a token that stands in a macro was called for.</summary>
/// <param name="Name">The macro, or its parameter, with <c>@</c>.</param>
/// <param name="Span">The place of the call.</param>
/// <param name="Outer">The call around it, where the call stands in a macro itself.</param>
internal sealed record Expansion(string Name, SourceSpan Span, Expansion? Outer);
