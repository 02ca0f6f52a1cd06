namespace Virtap.Language.Lexing;

/// <summary>What a token is. Operators and keywords have a kind each; the order matters where <see cref="TokenKinds"/> says so.</summary>
internal enum TokenKind : byte
{
    EndOfFile,

    /// <summary>
    /// Text that no token begins with, or a broken literal; <see cref="Token.Error"/> says what is wrong where there is more to say.
    /// </summary>
    Junk,

    /// <summary>A name; a target variable's name has its <c>$</c>.</summary>
    Identifier,
    Number,
    String,

    /// <summary><c>%{ … %}</c>; the text is what stands between.</summary>
    Embedded,

    /// <summary><c>@name</c>; the text has the <c>@</c>.</summary>
    AtName,

    // Operators.
    OpenParen,
    CloseParen,
    OpenBracket,
    CloseBracket,
    OpenBrace,
    CloseBrace,
    Comma,
    Semicolon,
    Colon,
    Question,
    Dot,
    Arrow,
    At,
    Plus,
    Minus,
    Star,
    Slash,
    Percent,
    Ampersand,
    Bar,
    Caret,
    Tilde,
    Not,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    EqualEqual,
    NotEqual,
    Match,
    NotMatch,
    AndAnd,
    OrOr,
    ShiftLeft,
    ShiftRight,
    ShiftRightLogical,
    Accumulate,
    PlusPlus,
    MinusMinus,
    Equal,
    PlusEqual,
    MinusEqual,
    StarEqual,
    SlashEqual,
    PercentEqual,
    AmpersandEqual,
    BarEqual,
    CaretEqual,
    ShiftLeftEqual,
    ShiftRightEqual,
    DotEqual,

    // The preprocessor's.
    ConditionOpen,
    ConditionThen,
    ConditionElse,
    ConditionClose,

    // Keywords.
    Break,
    Catch,
    Continue,
    Delete,
    Else,
    For,
    ForEach,
    Function,
    Global,
    If,
    In,
    Limit,
    Long,
    Next,
    Private,
    Probe,
    Return,
    StringType,
    Try,
    While,
}
