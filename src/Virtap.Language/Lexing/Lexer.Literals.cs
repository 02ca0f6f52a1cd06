using System.Buffers;
using System.Text;

namespace Virtap.Language.Lexing;

internal sealed partial class Lexer
{
    private static readonly TokenError s_badNumber = new("number invalid or out of range");

    /// <summary>Decimal, 0x… or 0…; up to 2^64 - 1, taken as signed.</summary>
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
                _ => (8u, 1),
            };
            digits = digits[prefix..];
        }

        value = 0;
        foreach (char c in digits)
        {
            uint digit = (uint)DigitOf(c);
            if (digit >= radix || value > (ulong.MaxValue - digit) / radix)
                return false;
            value = (value * radix) + digit;
        }
        return digits.Length > 0;
    }

    private Token ReadString()
    {
        int start = _position++;
        var rest = _text.AsSpan(_position);
        int stop = rest.IndexOfAny('"', '\\', '\n');
        if (stop >= 0 && rest[stop] == '"' && !rest[..stop].ContainsAnyInRange('\ud800', '\udfff'))
        {
            // Most strings have no escapes.
            _position += stop + 1;
            return Make(TokenKind.String, start) with { Text = rest[..stop].ToString() };
        }

        var value = new ArrayBufferWriter<byte>();
        while (_position < _text.Length)
        {
            char c = _text[_position];
            if (c == '"')
            {
                _position++;
                return Make(TokenKind.String, start) with { Text = ByteText.FromBytes(value.WrittenSpan) };
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

    private void ReadCharacter(ArrayBufferWriter<byte> value)
    {
        Rune.DecodeFromUtf16(_text.AsSpan(_position), out var rune, out int length);
        value.Advance(rune.EncodeToUtf8(value.GetSpan(4)));
        _position += length;
    }

    /// <summary>What C makes of it: a byte. A backslash before any other character stands for nothing.</summary>
    private void ReadEscape(ArrayBufferWriter<byte> value)
    {
        if (_position >= _text.Length)
            return;
        char c = _text[_position];
        if (c is >= '0' and <= '7')
        {
            Append(value, ReadDigits(8, 3));
            return;
        }
        if (c == 'x' && char.IsAsciiHexDigit(Peek(1)))
        {
            _position++;
            Append(value, ReadDigits(16, 2));
            return;
        }

        byte escaped = c switch
        {
            'a' => (byte)'\a',
            'b' => (byte)'\b',
            't' => (byte)'\t',
            'n' => (byte)'\n',
            'v' => (byte)'\v',
            'f' => (byte)'\f',
            'r' => (byte)'\r',
            _ => 0,
        };
        if (escaped == 0)
        {
            ReadCharacter(value);
            return;
        }
        Append(value, escaped);
        _position++;
    }

    private static void Append(ArrayBufferWriter<byte> value, byte b)
    {
        value.GetSpan(1)[0] = b;
        value.Advance(1);
    }

    /// <summary>The byte that some digits make; what is too large for one loses its upper bits.</summary>
    private byte ReadDigits(int radix, int max)
    {
        int number = 0;
        for (int i = 0; i < max && DigitOf(Peek()) < radix; i++, _position++)
            number = (number * radix) + DigitOf(Peek());
        return (byte)number;
    }

    /// <summary>A digit's value, too large for any radix where it is none.</summary>
    private static int DigitOf(char c) => c switch
    {
        >= '0' and <= '9' => c - '0',
        >= 'a' and <= 'f' => c - 'a' + 10,
        >= 'A' and <= 'F' => c - 'A' + 10,
        _ => int.MaxValue,
    };
}
