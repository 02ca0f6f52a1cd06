namespace Virtap.Language;

/// <summary>A stretch of a script.</summary>
/// <param name="Source">The text that it lies in.</param>
/// <param name="Start">Offset of its first character.</param>
/// <param name="Length">Its length; 0 is a place between two characters.</param>
public readonly record struct SourceSpan(SourceText Source, int Start, int Length)
{
    /// <summary>A junk token that somebody quotes may go on to the end of the text.</summary>
    private const int MaxQuoted = 40;

    /// <summary>What the lexer took the token for that it begins with. Messages call a stretch by that token.</summary>
    public TokenClass TokenClass { get; init; }

    /// <summary>That token's length.</summary>
    public int TokenLength { get; init; }

    /// <summary>Where it begins, as SystemTap writes places: <c>file:line:column</c>.</summary>
    public override string ToString()
    {
        var (line, column) = Source.Position(Start);
        return $"{Source.Name}:{line}:{column}";
    }

    /// <summary>From the beginning of this span to the end of another one of the same text.</summary>
    public SourceSpan To(SourceSpan end) =>
        ReferenceEquals(Source, end.Source)
            && end.Start + end.Length >= Start ? this with { Length = end.Start + end.Length - Start } : this;

    /// <summary>
    /// The token that it begins with in the words of SystemTap's messages: <c>operator '/'</c>, <c>identifier 'x'</c>, <c>keyword</c>.
    /// </summary>
    public string DescribeToken() => TokenClass switch
    {
        TokenClass.EndOfFile => $"{Source.Name} EOF",
        TokenClass.String => TokenClass.Describe(Written(TokenLength).Trim('"').ToString()),
        // Of a character that is not ASCII SystemTap sees the first byte.
        TokenClass.Junk when Length > 0 && Source.Text[Start] > 0x7f =>
            TokenClass.Describe($"\\x{ByteText.GetBytes(Source.Text.Substring(Start, TokenLength))[0]:x2}"),
        TokenClass.Identifier or TokenClass.Operator => TokenClass.Describe(Written(TokenLength).ToString()),
        _ => TokenClass.Describe(Written(Math.Min(TokenLength, MaxQuoted)).ToString()),
    };

    /// <summary>So many of its characters, the first line of them.</summary>
    private ReadOnlySpan<char> Written(int length)
    {
        ReadOnlySpan<char> text = Source.Text.AsSpan(Start, length);
        int end = text.IndexOf('\n');
        return end < 0 ? text : text[..end];
    }
}
