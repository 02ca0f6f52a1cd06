namespace Virtap.Language;

/// <summary>What SystemTap's messages call a token.</summary>
public enum TokenClass : byte
{
    /// <summary>Text that no token begins with, or a broken literal.</summary>
    Junk,

    /// <summary>What a script argument was put in for: <c>$1</c>, <c>@#</c>.</summary>
    Argument,
    Identifier,
    Number,
    String,
    Operator,
    Keyword,

    /// <summary><c>%{ … %}</c></summary>
    Embedded,
    EndOfFile,
}

/// <summary>The words for them.</summary>
internal static class TokenClasses
{
    /// <summary>A token of a class, as messages name it.</summary>
    /// <param name="tokenClass">Any but the end of a file, which is called by the file's name.</param>
    /// <param name="written">The token; a string's without its quotes.</param>
    public static string Describe(this TokenClass tokenClass, string written) => tokenClass switch
    {
        TokenClass.Argument => $"argument '{written}'",
        TokenClass.Identifier => $"identifier '{written}'",
        TokenClass.Number => $"number '{written}'",
        TokenClass.String => $"string '{written}'",
        TokenClass.Operator => $"operator '{written}'",
        TokenClass.Keyword => "keyword",
        TokenClass.Embedded => "embedded-code",
        _ => $"junk '{written}'",
    };
}
