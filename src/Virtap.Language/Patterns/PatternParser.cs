using System.Globalization;

namespace Virtap.Language.Patterns;

/// <summary>
/// Reads a regular expression. What SystemTap 4.8 takes, it takes the same way, its oddities too: a closing parenthesis without an
/// opening one ends the expression, and so does nothing else; <c>a{2,1}</c> is allowed and matches nothing; a backslash before any
/// character, in brackets too, stands for that character.
/// </summary>
public sealed class PatternParser
{
    private const int MaxDepth = 200;
    private const int MaxCount = int.MaxValue;

    private readonly byte[] _text;
    private int _at;
    private int _depth;
    private int _groups;

    private PatternParser(byte[] text) => _text = text;

    private bool IsAtEnd => _at >= _text.Length;

    private char Next => (char)_text[_at];

    /// <summary>Reads an expression.</summary>
    /// <exception cref="PatternException">It cannot be read.</exception>
    public static Pattern Parse(string text)
    {
        var parser = new PatternParser(ByteText.GetBytes(text));
        PatternNode root = parser.ParseChoice();
        return new Pattern(text, root, parser._groups);
    }

    private PatternNode ParseChoice()
    {
        if (++_depth > MaxDepth)
            throw new PatternException($"parentheses are nested more than {MaxDepth} deep", _at);
        var alternatives = new List<PatternNode> { ParseSequence() };
        while (!IsAtEnd && Next == '|')
        {
            _at++;
            alternatives.Add(ParseSequence());
        }

        _depth--;
        return alternatives.Count == 1 ? alternatives[0] : new PatternChoice(alternatives);
    }

    private PatternSequence ParseSequence()
    {
        var parts = new List<PatternNode>();
        while (!IsAtEnd && Next is not ('|' or ')'))
            parts.Add(ParseRepeated());
        return new PatternSequence(parts);
    }

    private PatternNode ParseRepeated()
    {
        PatternNode part = ParsePart();
        int closures = 0;
        while (!IsAtEnd && Next is '*' or '+' or '?' or '{')
        {
            if (part is PatternAnchor)
                throw new PatternException($"postfix closure '{Next}' applied to anchoring operator", _at);
            if (++closures > MaxDepth)
                throw new PatternException($"more than {MaxDepth} closures of one part", _at);
            part = (char)_text[_at++] switch
            {
                '*' => new PatternRepeat(part, 0, null),
                '+' => new PatternRepeat(part, 1, null),
                '?' => new PatternRepeat(part, 0, 1),
                _ => ParseCounts(part),
            };
        }

        return part;
    }

    private PatternNode ParsePart()
    {
        char first = (char)_text[_at++];
        switch (first)
        {
            case '(':
                int number = ++_groups;
                PatternNode content = ParseChoice();
                if (IsAtEnd)
                    throw new PatternException("expected ), found end of regex", _text.Length - 1);
                _at++;
                return new PatternGroup(number, content);
            case '*' or '+' or '?' or '{':
                throw new PatternException($"unexpected '{first}'", _at - 1);
            case '.': return new PatternByte(ByteSet.All);
            case '^': return new PatternAnchor(IsEnd: false);
            case '$': return new PatternAnchor(IsEnd: true);
            case '[': return new PatternByte(ParseBrackets());
            case '\\': return new PatternByte(Single(Escaped()));
            default: return new PatternByte(Single((byte)first));
        }
    }

    private static ByteSet Single(byte value) => ByteSet.Of(value, value);

    private byte Escaped() => IsAtEnd ? throw new PatternException("unexpected end of regex", _at) : _text[_at++];

    /// <summary>Behind the opening brace.</summary>
    private PatternRepeat ParseCounts(PatternNode part)
    {
        int min = ParseCount("expected number");
        if (IsAtEnd)
            throw new PatternException(char.IsAsciiDigit((char)_text[^1]) ? "unexpected end of regex" : "expected number", _at);
        int? max = min;
        if (Next == ',')
        {
            _at++;
            max = !IsAtEnd && Next == '}' ? null : ParseCount("expected '}' or number");
        }

        if (IsAtEnd)
            throw new PatternException("unexpected end of regex", _at);
        if (Next != '}')
            throw new PatternException(max == min ? "expected ',' or '}'" : "expected '}'", _at);
        _at++;
        return new PatternRepeat(part, min, max);
    }

    private int ParseCount(string expected)
    {
        int first = _at;
        while (!IsAtEnd && char.IsAsciiDigit(Next))
            _at++;
        ReadOnlySpan<byte> digits = _text.AsSpan(first, _at - first);
        if (digits.Length == 0)
            throw new PatternException(expected, Math.Min(_at + 1, _text.Length));
        if (!long.TryParse(digits, CultureInfo.InvariantCulture, out long count) || count > MaxCount)
        {
            string number = string.Concat(digits.ToArray().Select(static digit => (char)digit));
            throw new PatternException($"{number} is too large", _at + 1);
        }

        return (int)count;
    }

    /// <summary>Behind the opening bracket.</summary>
    private ByteSet ParseBrackets()
    {
        bool isNegated = !IsAtEnd && Next == '^';
        if (isNegated)
            _at++;
        var set = new ByteSet();
        for (bool isFirst = true; ; isFirst = false)
        {
            RequireMore();
            if (Next == ']' && !isFirst)
                break;
            if (Next == '[' && _at + 1 < _text.Length && _text[_at + 1] == (byte)':')
            {
                AddClass(set);
                continue;
            }

            byte low = ParseMember(), high = low;
            // A hyphen at the end is one.
            if (_at + 1 < _text.Length && Next == '-' && _text[_at + 1] != (byte)']')
            {
                _at++;
                high = ParseMember();
                if (high < low)
                    throw new PatternException($"Inverted character range {(char)low}-{(char)high}", _at);
            }

            set.Add(low, high);
        }

        _at++;
        return isNegated ? set.Complement() : set;
    }

    private byte ParseMember()
    {
        byte member = _text[_at++];
        if (member != (byte)'\\')
            return member;
        RequireMore();
        return _text[_at++];
    }

    private void RequireMore()
    {
        if (IsAtEnd)
            throw new PatternException("unclosed character class", _text.Length - 1);
    }

    private void AddClass(ByteSet set)
    {
        int first = _at + 2, end = _text.AsSpan(first).IndexOf(":]"u8);
        if (end < 0 || first + end + 2 >= _text.Length)
        {
            int shown = Math.Max(_text.Length - 1 - _at, 2);
            throw new PatternException($"unclosed character class '{Shown(_at, shown)}'", _text.Length);
        }

        string name = Shown(first, end);
        if (!set.AddClass(name))
            throw new PatternException($"unknown character class '{name}'", null);
        _at = first + end + 2;
    }

    private string Shown(int first, int length) => ByteText.FromBytes(_text.AsSpan(first, length));
}
