using Virtap.Language.Diagnostics;

namespace Virtap.Language.Syntax.Lexing;

/// <summary>One token of a script.</summary>
internal readonly record struct Token(TokenKind Kind, SourceSpan Span)
{
    /// <summary>A name, a string's value, embedded code; for a token out of a script argument also the number's or the operator's spelling.</summary>
    public string? Text { get; init; }

    /// <summary>A number's value.</summary>
    public long Value { get; init; }

    /// <summary>Whether nothing stands between it and the token before; wildcards in probe points are glued from such tokens.</summary>
    public bool IsAdjacent { get; init; }

    /// <summary>What is wrong with it: with junk, or with a number.</summary>
    public TokenError? Error { get; init; }

    /// <summary>The macro that it came out of.</summary>
    public Expansion? Expansion { get; init; }

    /// <summary>A target variable (<c>$x</c>) as opposed to a script's own name.</summary>
    public bool IsTarget => Kind == TokenKind.Identifier && Text!.StartsWith('$');

    /// <summary>The same token as a mistake, to be reported where the parser meets it.</summary>
    public Token AsMistake(string message, string? hint = null) =>
        Error is null ? this with { Kind = TokenKind.Junk, Error = new TokenError(message, hint, Describe()) } : this;

    /// <summary>The token in the words of SystemTap's messages: <c>operator '}'</c>, <c>keyword</c>.</summary>
    public string Describe() => Kind switch
    {
        TokenKind.Junk when Error?.Subject is { } subject => subject,
        TokenKind.EndOfFile => $"{Span.Source.Name} EOF",
        TokenKind.Identifier => $"identifier '{Text}'",
        TokenKind.Number => $"number '{Text ?? Written}'",
        TokenKind.String => $"string '{Quoting.Escape(Text!)}'",
        TokenKind.Embedded => "embedded-code",
        TokenKind.AtName => $"operator '{Text}'",
        TokenKind.Junk when Written is ['$' or '@', ..] => $"argument '{Written}'",
        TokenKind.Junk => Error is null && Span.Length == 1 && char.IsAscii(Written[0]) ? $"operator '{Written}'" : $"junk '{Written}'",
        _ when Kind.IsKeyword() => "keyword",
        _ => $"operator '{Kind.Spelling()}'",
    };

    private string Written
    {
        get
        {
            string text = Span.Source.Text.Substring(Span.Start, Math.Min(Span.Length, 40));
            int end = text.IndexOf('\n', StringComparison.Ordinal);
            return end < 0 ? text : text[..end];
        }
    }
}
