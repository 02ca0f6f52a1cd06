using System.Text;
using Virtap.Language.Lexing;

namespace Virtap.Language.Syntax.Preprocessing;

/// <summary>
/// From a text to the tokens that the parser sees: arguments put in, macros expanded, conditions decided, adjacent strings glued.
/// </summary>
internal static class Preprocessor
{
    /// <summary>A script of more tokens is not one: an argument or a macro was put in too often.</summary>
    private const int MaxTokens = 1_000_000;

    /// <summary>All tokens of a script; the last one, and only that, is <see cref="TokenKind.EndOfFile"/>.</summary>
    public static List<Token> Run(SourceText source, LanguageEnvironment environment)
    {
        var lexer = new Lexer(source, environment.Arguments, used: environment.UsedArguments);
        var macros = new MacroExpander(lexer, environment.Macros);
        var conditions = new ConditionReader(macros.Next, macros.NextWritten, environment);

        List<Token> tokens = new(source.Text.Length / 4);
        StringBuilder? glued = null;
        while (true)
        {
            var token = conditions.Next();
            if (token.Kind == TokenKind.String && tokens.Count > 0 && tokens[^1].Kind == TokenKind.String)
            {
                glued ??= new StringBuilder(tokens[^1].Text);
                glued.Append(token.Text);
                tokens[^1] = tokens[^1] with { Span = tokens[^1].Span.To(token.Span) };
                continue;
            }
            if (glued is not null)
            {
                // Bytes of one character may come from two literals.
                tokens[^1] = tokens[^1] with { Text = ByteText.FromBytes(ByteText.GetBytes(glued.ToString())) };
                glued = null;
            }
            if (tokens.Count == MaxTokens)
            {
                tokens.Add(token.AsMistake($"more than {MaxTokens} tokens"));
                token = new Token(TokenKind.EndOfFile, token.Span);
            }
            tokens.Add(token);
            if (token.Kind == TokenKind.EndOfFile)
                return tokens;
        }
    }
}
