namespace Virtap.Language.Lexing;

internal sealed partial class Lexer
{
    /// <summary>The longest operator that the text goes on with.</summary>
    private Token ReadOperator()
    {
        int start = _position;
        var (kind, length) = (_text[_position], Peek(1), Peek(2)) switch
        {
            ('(', _, _) => (TokenKind.OpenParen, 1),
            (')', _, _) => (TokenKind.CloseParen, 1),
            ('[', _, _) => (TokenKind.OpenBracket, 1),
            (']', _, _) => (TokenKind.CloseBracket, 1),
            ('{', _, _) => (TokenKind.OpenBrace, 1),
            ('}', _, _) => (TokenKind.CloseBrace, 1),
            (',', _, _) => (TokenKind.Comma, 1),
            (';', _, _) => (TokenKind.Semicolon, 1),
            (':', _, _) => (TokenKind.Colon, 1),
            ('?', _, _) => (TokenKind.Question, 1),
            ('~', _, _) => (TokenKind.Tilde, 1),
            ('.', '=', _) => (TokenKind.DotEqual, 2),
            ('.', _, _) => (TokenKind.Dot, 1),
            ('-', '>', _) => (TokenKind.Arrow, 2),
            ('-', '-', _) => (TokenKind.MinusMinus, 2),
            ('-', '=', _) => (TokenKind.MinusEqual, 2),
            ('-', _, _) => (TokenKind.Minus, 1),
            ('+', '+', _) => (TokenKind.PlusPlus, 2),
            ('+', '=', _) => (TokenKind.PlusEqual, 2),
            ('+', _, _) => (TokenKind.Plus, 1),
            ('*', '=', _) => (TokenKind.StarEqual, 2),
            ('*', _, _) => (TokenKind.Star, 1),
            ('/', '=', _) => (TokenKind.SlashEqual, 2),
            ('/', _, _) => (TokenKind.Slash, 1),
            ('%', '(', _) => (TokenKind.ConditionOpen, 2),
            ('%', '?', _) => (TokenKind.ConditionThen, 2),
            ('%', ':', _) => (TokenKind.ConditionElse, 2),
            ('%', ')', _) => (TokenKind.ConditionClose, 2),
            ('%', '=', _) => (TokenKind.PercentEqual, 2),
            ('%', _, _) => (TokenKind.Percent, 1),
            ('&', '&', _) => (TokenKind.AndAnd, 2),
            ('&', '=', _) => (TokenKind.AmpersandEqual, 2),
            ('&', _, _) => (TokenKind.Ampersand, 1),
            ('|', '|', _) => (TokenKind.OrOr, 2),
            ('|', '=', _) => (TokenKind.BarEqual, 2),
            ('|', _, _) => (TokenKind.Bar, 1),
            ('^', '=', _) => (TokenKind.CaretEqual, 2),
            ('^', _, _) => (TokenKind.Caret, 1),
            ('!', '=', _) => (TokenKind.NotEqual, 2),
            ('!', '~', _) => (TokenKind.NotMatch, 2),
            ('!', _, _) => (TokenKind.Not, 1),
            ('<', '<', '<') => (TokenKind.Accumulate, 3),
            ('<', '<', '=') => (TokenKind.ShiftLeftEqual, 3),
            ('<', '<', _) => (TokenKind.ShiftLeft, 2),
            ('<', '=', _) => (TokenKind.LessOrEqual, 2),
            ('<', _, _) => (TokenKind.Less, 1),
            ('>', '>', '>') => (TokenKind.ShiftRightLogical, 3),
            ('>', '>', '=') => (TokenKind.ShiftRightEqual, 3),
            ('>', '>', _) => (TokenKind.ShiftRight, 2),
            ('>', '=', _) => (TokenKind.GreaterOrEqual, 2),
            ('>', _, _) => (TokenKind.Greater, 1),
            ('=', '=', _) => (TokenKind.EqualEqual, 2),
            ('=', '~', _) => (TokenKind.Match, 2),
            ('=', _, _) => (TokenKind.Equal, 1),
            var (c, d, _) => (TokenKind.Junk, char.IsHighSurrogate(c) && char.IsLowSurrogate(d) ? 2 : 1),
        };
        _position += length;
        // SystemTap calls any other ASCII character an operator too.
        return kind == TokenKind.Junk && length == 1 && char.IsAscii(_text[start])
            ? new Token(kind, SpanFrom(start, TokenClass.Operator))
            : Make(kind, start);
    }
}
