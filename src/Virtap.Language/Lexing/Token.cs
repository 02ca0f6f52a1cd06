namespace Virtap.Language.Lexing;

/// <summary>One token of a script.</summary>
internal readonly record struct Token(TokenKind Kind, SourceSpan Span)
{
    /// <summary>
    /// A name, a string's value, embedded code; for a token out of a script argument also the number's or the operator's spelling.
    /// </summary>
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

    /// <summary>
    /// The token in the words of SystemTap's messages: <c>operator '}'</c>, <c>keyword</c>. One out of a script argument is called by what
    /// it is, not by the <c>$1</c> that stands at its place.
    /// </summary>
    public string Describe() => Kind switch
    {
        TokenKind.Junk when Error?.Subject is { } subject => subject,
        TokenKind.String => TokenClass.String.Describe(Quoting.Escape(Text!)),
        TokenKind.Junk when Error is not null => TokenClass.Junk.Describe(""),
        TokenKind.Junk or TokenKind.EndOfFile => Span.DescribeToken(),
        _ => Text is { } text ? Kind.Class().Describe(text) : Span.DescribeToken(),
    };
}

/// <summary>
/// What is wrong with a token; reported only when the parser comes to it, for what a condition leaves out may be anything.
/// </summary>
/// <param name="Message">In SystemTap's words where it has some.</param>
/// <param name="Hint">What may help, or null.</param>
/// <param name="Subject">The token in the words of a message, for a good token in a wrong place; null for one that is broken
/// itself.</param>
internal sealed record TokenError(string Message, string? Hint = null, string? Subject = null);

/// <summary>Where a token that stands in a macro was called for.</summary>
/// <param name="Name">The macro, or its parameter, with <c>@</c>.</param>
/// <param name="Span">The place of the call.</param>
/// <param name="Outer">The call around it, where the call stands in a macro itself.</param>
internal sealed record Expansion(string Name, SourceSpan Span, Expansion? Outer);
