using System.Globalization;
using System.Numerics;
using System.Text;
using Virtap.Binaries.Types;
using Virtap.Debugging.Values;

namespace Virtap.Debugging.Syntax;

internal enum TokenKind
{
    End,
    Name,
    Number,
    Float,
    Character,
    Text,
    Dollar,
    Sign,

    /// <summary><c>'file.c'</c>: more than a character between single quotes.</summary>
    Quoted,
}

/// <summary>A word of an expression.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Span">Its text.</param>
/// <param name="Text">The name or the sign.</param>
/// <param name="Node">The literal that it is.</param>
internal readonly record struct Token(TokenKind Kind, TextSpan Span, string Text, ExpressionNode? Node = null);

/// <summary>Divides an expression into words, as C does.</summary>
internal static class ExpressionLexer
{
    private const int MaxLength = 1 << 16;

    private static readonly string[] s_signs =
    [
        "<<=", ">>=", "->", "<<", ">>", "<=", ">=", "==", "!=", "&&", "||", "::", "++", "--", "+=", "-=", "*=", "/=", "%=", "&=", "|=",
        "^=",
    ];

    /// <summary>The words, the last of which is the end.</summary>
    public static List<Token> Read(string text)
    {
        if (text.Length > MaxLength)
            throw new ExpressionException(new TextSpan(0, 1), $"the expression has more than {MaxLength} characters");
        List<Token> tokens = [];
        for (int at = 0; at < text.Length;)
        {
            if (char.IsWhiteSpace(text[at]))
            {
                at++;
                continue;
            }

            Token token = Next(text, at);
            tokens.Add(token);
            at = token.Span.Start + token.Span.Length;
        }

        tokens.Add(new Token(TokenKind.End, new TextSpan(text.Length, 1), ""));
        return tokens;
    }

    private static Token Next(string text, int at)
    {
        char first = text[at];
        if (char.IsAsciiDigit(first) || (first == '.' && at + 1 < text.Length && char.IsAsciiDigit(text[at + 1])))
            return Number(text, at);
        if (IsNameStart(first))
            return EncodedText(text, at) ?? Word(TokenKind.Name, text, at, at);
        if (first == '$')
            return Word(TokenKind.Dollar, text, at, at + 1);
        if (first == '"')
        {
            List<BigInteger> units = Quoted(text, at, '"', out int end);
            var span = new TextSpan(at, end - at);
            return new Token(TokenKind.Text, span, "", new TextNode(span, [.. units.Select(static unit => (byte)(unit & 0xff))]));
        }

        if (first == '\'')
            return Character(text, at, at, BuiltInTypes.Char);
        foreach (string sign in s_signs)
        {
            if (string.CompareOrdinal(text, at, sign, 0, sign.Length) == 0)
                return new Token(TokenKind.Sign, new TextSpan(at, sign.Length), sign);
        }

        return "+-*/%&|^~!<>=?:.,()[]{}@".Contains(first, StringComparison.Ordinal)
            ? new Token(TokenKind.Sign, new TextSpan(at, 1), first.ToString())
            : throw new ExpressionException(new TextSpan(at, 1), $"Invalid character '{first}' in expression.");
    }

    private static bool IsNameStart(char c) => char.IsAsciiLetter(c) || c == '_' || c > 127;

    private static Token Word(TokenKind kind, string text, int start, int at)
    {
        int end = at;
        while (end < text.Length && (IsNameStart(text[end]) || char.IsAsciiDigit(text[end]) || text[end] == '$'))
            end++;
        return new Token(kind, new TextSpan(start, end - start), text[at..end]);
    }

    private static Token? EncodedText(string text, int at) => text.AsSpan(at) switch
    {
        ['L', '\'', ..] => Character(text, at, at + 1, new TypedefType("wchar_t", BuiltInTypes.Int)),
        ['u', '\'', ..] => Character(text, at, at + 1, new IntegerType("char16_t", 2, IsSigned: false)),
        ['U', '\'', ..] => Character(text, at, at + 1, new IntegerType("char32_t", 4, IsSigned: false)),
        _ => null,
    };

    private static Token Character(string text, int start, int at, CType type)
    {
        int close = text.IndexOf('\'', at + 1);
        if (close > at + 2 && text[at + 1] != '\\')
        {
            string inside = text[(at + 1)..close];
            return new Token(TokenKind.Quoted, new TextSpan(start, close + 1 - start), inside);
        }

        List<BigInteger> units = Quoted(text, at, '\'', out int end);
        var span = new TextSpan(start, end - start);
        if (units.Count != 1)
            throw new ExpressionException(span, units.Count == 0 ? "Empty character constant." : "Unmatched single quote.");
        BigInteger value = type.Size == 1 ? (sbyte)(byte)(units[0] & 0xff) : units[0];
        return new Token(TokenKind.Character, span, "", new NumberNode(span, value, type));
    }

    /// <summary>The bytes between quotes; of a character above 127 its UTF-8.</summary>
    private static List<BigInteger> Quoted(string text, int at, char quote, out int end)
    {
        List<BigInteger> units = [];
        int next = at + 1;
        while (next < text.Length && text[next] != quote)
        {
            if (text[next] != '\\')
            {
                int length = char.IsHighSurrogate(text[next]) && next + 1 < text.Length ? 2 : 1;
                units.AddRange(Encoding.UTF8.GetBytes(text.Substring(next, length)).Select(static b => (BigInteger)b));
                next += length;
                continue;
            }

            units.Add(Escape(text, ref next));
        }

        if (next >= text.Length)
            throw new ExpressionException(
                new TextSpan(at, 1), quote == '"' ? "Unterminated string in expression." : "Unmatched single quote.");
        end = next + 1;
        return units;
    }

    private static BigInteger Escape(string text, ref int at)
    {
        int start = at++;
        char c = at < text.Length ? text[at++] : throw new ExpressionException(new TextSpan(start, 1), "\\ at the end of the expression");
        if (c is 'x')
        {
            BigInteger value = 0;
            while (at < text.Length && char.IsAsciiHexDigit(text[at]) && at - start < 12)
                value = (value * 16) + Convert.ToInt32(text[at++].ToString(), 16);
            return value;
        }

        if (c is >= '0' and <= '7')
        {
            int value = c - '0';
            for (int digit = 0; digit < 2 && at < text.Length && text[at] is >= '0' and <= '7'; digit++)
                value = (value * 8) + (text[at++] - '0');
            return value;
        }

        return c switch { 'n' => 10, 't' => 9, 'r' => 13, 'a' => 7, 'b' => 8, 'f' => 12, 'v' => 11, 'e' => 27, _ => c };
    }

    private static Token Number(string text, int at)
    {
        int end = at;
        bool isHex = text.AsSpan(at).StartsWith("0x", StringComparison.OrdinalIgnoreCase);
        bool isFloat = false;
        while (end < text.Length && (char.IsAsciiLetterOrDigit(text[end]) || text[end] == '.'
            || (text[end] is '+' or '-' && !isHex && end > at && text[end - 1] is 'e' or 'E')))
        {
            isFloat |= text[end] == '.' || (!isHex && text[end] is 'e' or 'E');
            end++;
        }

        var span = new TextSpan(at, end - at);
        string word = text[at..end];
        return isFloat
            ? new Token(TokenKind.Float, span, word, Float(span, word)) : new Token(TokenKind.Number, span, word, Whole(span, word));
    }

    private static FloatNode Float(TextSpan span, string word)
    {
        string digits = word.TrimEnd('f', 'F', 'l', 'L');
        if (!double.TryParse(digits, NumberStyles.Float, CultureInfo.InvariantCulture, out double value))
            throw Invalid(span, word);
        return word[digits.Length..].ToLowerInvariant() switch
        {
            "" => new FloatNode(span, value, BuiltInTypes.Double),
            "f" => new FloatNode(span, (float)value, BuiltInTypes.Float),
            "l" => new FloatNode(span, value, BuiltInTypes.LongDouble),
            _ => throw Invalid(span, word),
        };
    }

    private static NumberNode Whole(TextSpan span, string word)
    {
        string digits = word.TrimEnd('u', 'U', 'l', 'L');
        string suffix = word[digits.Length..].ToLowerInvariant();
        (int radix, string body) = digits switch
        {
            ['0', 'x' or 'X', .. var hex] => (16, hex),
            ['0', 'b' or 'B', .. var binary] => (2, binary),
            ['0', _, ..] => (8, digits[1..]),
            _ => (10, digits),
        };
        BigInteger value = 0;
        foreach (char c in body)
        {
            int digit = char.IsAsciiHexDigit(c) ? Convert.ToInt32(c.ToString(), 16) : int.MaxValue;
            if (digit >= radix)
                throw Invalid(span, word);
            value = (value * radix) + digit;
        }

        if (body.Length == 0 || suffix.Count(static c => c == 'u') > 1 || suffix.Count(static c => c == 'l') > 2)
            throw Invalid(span, word);
        if (value > ulong.MaxValue)
            throw new ExpressionException(span, "Numeric constant too large.");
        return new NumberNode(span, value, TypeOf(value, radix, suffix.Contains('u'), suffix.Count(static c => c == 'l')));
    }

    /// <summary>The smallest of C's types that holds it; a decimal number has no sign only where it says so.</summary>
    private static IntegerType TypeOf(BigInteger value, int radix, bool isUnsigned, int longs)
    {
        IReadOnlyList<IntegerType> candidates = longs switch
        {
            0 => [BuiltInTypes.Int, BuiltInTypes.UnsignedInt, BuiltInTypes.Long, BuiltInTypes.UnsignedLong],
            1 => [BuiltInTypes.Long, BuiltInTypes.UnsignedLong],
            _ => [BuiltInTypes.LongLong, BuiltInTypes.UnsignedLongLong],
        };
        foreach (IntegerType type in candidates)
        {
            bool mayBe = type.IsSigned ? !isUnsigned : isUnsigned || radix != 10 || type == candidates[^1];
            if (mayBe && value < BigInteger.One << ((type.Bytes * 8) - (type.IsSigned ? 1 : 0)))
                return type;
        }

        return candidates[^1];
    }

    private static ExpressionException Invalid(TextSpan span, string word) => new(span, $"Invalid number \"{word}\".");
}
