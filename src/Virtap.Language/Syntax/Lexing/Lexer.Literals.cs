using System.Text;

namespace Virtap.Language.Syntax.Lexing;

internal sealed partial class Lexer
{
    private static readonly TokenError s_badNumber = new("number invalid or out of range");

    /// <summary>Decimal, 0x…, 0b… or 0…; up to 2^64 - 1, taken as signed.</summary>
    private Token ReadNumber()
    {
        int start = _position;
        while (IsWordPart(Peek()) && Peek() is not ('_' or '$'))
            _position++;
        var digits = _text.AsSpan(start, _position - start);
        return TryNumber(digits, out ulong value)
            ? Make(TokenKind.Number, start) with { Value = unchecked((long)value) }
            : Make(TokenKind.Number, start) with { Error = s_badNumber };
    }

    private static bool TryNumber(ReadOnlySpan<char> digits, out ulong value)
    {
        uint radix = 10;
        if (digits.Length > 1 && digits[0] == '0')
        {
            (radix, int prefix) = digits[1] switch
            {
                'x' or 'X' => (16u, 2),
                'b' or 'B' => (2u, 2),
                _ => (8u, 1),
            };
            digits = digits[prefix..];
        }

        value = 0;
        foreach (char c in digits)
        {
            uint digit = c switch
            {
                >= '0' and <= '9' => (uint)(c - '0'),
                >= 'a' and <= 'f' => (uint)(c - 'a' + 10),
                >= 'A' and <= 'F' => (uint)(c - 'A' + 10),
                _ => uint.MaxValue,
            };
            if (digit >= radix || value > (ulong.MaxValue - digit) / radix)
                return false;
            value = (value * radix) + digit;
        }
        return digits.Length > 0;
    }

    private Token ReadString()
    {
        int start = _position++;
        int stop = _text.AsSpan(_position).IndexOfAny('"', '\\', '\n');
        if (stop >= 0 && _text[_position + stop] == '"')
        {
            // Most strings have no escapes.
            string plain = _text.Substring(_position, stop);
            _position += stop + 1;
            return Make(TokenKind.String, start) with { Text = Bytes(plain) };
        }

        var value = new StringBuilder();
        while (_position < _text.Length)
        {
            char c = _text[_position];
            if (c == '"')
            {
                _position++;
                return Make(TokenKind.String, start) with { Text = value.ToString() };
            }
            if (c == '\n')
                break;
            if (c == '\\')
            {
                _position++;
                ReadEscape(value);
            }
            else
            {
                ReadCharacter(value);
            }
        }
        return Junk(start, _position, new TokenError("Could not find matching closing quote"));
    }

    private void ReadCharacter(StringBuilder value)
    {
        if (Rune.DecodeFromUtf16(_text.AsSpan(_position), out var rune, out int length) != System.Buffers.OperationStatus.Done)
            rune = Rune.ReplacementChar;
        Quoting.AppendBytes(value, rune);
        _position += length;
    }

    /// <summary>What C makes of it: a byte. A backslash before any other character stands for nothing.</summary>
    private void ReadEscape(StringBuilder value)
    {
        if (_position >= _text.Length)
            return;
        char c = _text[_position];
        if (c is >= '0' and <= '7')
        {
            value.Append((char)ReadDigits(8, 3));
            return;
        }
        if (c == 'x' && char.IsAsciiHexDigit(Peek(1)))
        {
            _position++;
            value.Append((char)ReadDigits(16, 2));
            return;
        }

        char escaped = c switch
        {
            'a' => '\a',
            'b' => '\b',
            't' => '\t',
            'n' => '\n',
            'v' => '\v',
            'f' => '\f',
            'r' => '\r',
            _ => '\0',
        };
        if (escaped == '\0')
        {
            ReadCharacter(value);
            return;
        }
        value.Append(escaped);
        _position++;
    }

    private byte ReadDigits(int radix, int most)
    {
        int number = 0;
        for (int i = 0; i < most && char.IsAsciiHexDigit(Peek()) && Convert.ToInt32(Peek().ToString(), 16) < radix; i++, _position++)
            number = (number * radix) + Convert.ToInt32(Peek().ToString(), 16);
        return (byte)number;
    }
}
