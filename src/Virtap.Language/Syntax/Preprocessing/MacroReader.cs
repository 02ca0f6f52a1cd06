using Virtap.Language.Lexing;

namespace Virtap.Language.Syntax.Preprocessing;

/// <summary><c>@define name(parameters) %( body %)</c></summary>
/// <param name="Name">Without <c>@</c>.</param>
/// <param name="Span">Where its name stands.</param>
/// <param name="Parameters">Their names; empty where it is called without parentheses.</param>
/// <param name="Body">The tokens, macros in it not yet expanded.</param>
internal sealed record Macro(string Name, SourceSpan Span, IReadOnlyList<string> Parameters, IReadOnlyList<Token> Body);

/// <summary>Reads what stands behind <c>@define</c>.</summary>
internal static class MacroReader
{
    /// <summary>The token that begins a definition.</summary>
    public const string Define = "@define";

    /// <summary>Reads a definition's name, parameters and body.</summary>
    /// <param name="next">The tokens behind <c>@define</c>, macros not expanded.</param>
    /// <param name="at">Where an error is, if there is one.</param>
    /// <param name="error">What is wrong; null if nothing is.</param>
    public static Macro? Read(Func<Token> next, out Token at, out TokenError? error)
    {
        var name = at = next();
        if (name.Kind != TokenKind.Identifier)
        {
            error = new TokenError("expected identifier");
            return null;
        }

        List<string> parameters = [];
        at = next();
        if (at.Kind == TokenKind.OpenParen)
        {
            do
            {
                at = next();
                if (at.Kind != TokenKind.Identifier)
                {
                    error = new TokenError("expected identifier");
                    return null;
                }
                parameters.Add(at.Text!);
                at = next();
            }
            while (at.Kind == TokenKind.Comma);

            if (at.Kind != TokenKind.CloseParen)
            {
                error = new TokenError("expected ',' or ')'");
                return null;
            }
            at = next();
            if (at.Kind != TokenKind.ConditionOpen)
            {
                error = new TokenError("expected '%('");
                return null;
            }
        }
        else if (at.Kind != TokenKind.ConditionOpen)
        {
            error = new TokenError("expected '%(' or '('");
            return null;
        }

        List<Token> body = [];
        for (int depth = 0; ;)
        {
            var token = next();
            if (token.Kind == TokenKind.EndOfFile)
            {
                at = name;
                error = new TokenError("incomplete macro definition - missing '%)'");
                return null;
            }
            if (token.Kind == TokenKind.ConditionOpen)
                depth++;
            else if (token.Kind == TokenKind.ConditionClose && depth-- == 0)
                break;
            body.Add(token);
        }
        error = null;
        return new Macro(name.Text!, name.Span, parameters, body);
    }
}
