using System.Collections;

namespace Virtap.Language.Patterns;

/// <summary>A set of bytes other than zero, which ends every string.</summary>
public sealed class ByteSet
{
    private readonly BitArray _bits = new(256);

    /// <summary>Every byte.</summary>
    public static ByteSet All { get; } = Of(1, 255);

    /// <summary>The bytes from one to another.</summary>
    public static ByteSet Of(byte first, byte last)
    {
        var set = new ByteSet();
        set.Add(first, last);
        return set;
    }

    public bool Contains(int value) => _bits[value];

    public void Add(int first, int last)
    {
        for (int value = Math.Max(first, 1); value <= last; value++)
            _bits[value] = true;
    }

    /// <summary>Adds the characters of a class such as <c>[:alpha:]</c>; false where there is none of that name.</summary>
    public bool AddClass(string name)
    {
        Func<char, bool>? contains = name switch
        {
            "alpha" => char.IsAsciiLetter,
            "digit" => char.IsAsciiDigit,
            "alnum" => char.IsAsciiLetterOrDigit,
            "upper" => char.IsAsciiLetterUpper,
            "lower" => char.IsAsciiLetterLower,
            "xdigit" => char.IsAsciiHexDigit,
            "blank" => static c => c is ' ' or '\t',
            "space" => static c => c is ' ' or (>= '\t' and <= '\r'),
            "cntrl" => static c => c is < ' ' or '\x7f',
            "graph" => static c => c is > ' ' and < '\x7f',
            "print" => static c => c is >= ' ' and < '\x7f',
            "punct" => static c => c is > ' ' and < '\x7f' && !char.IsAsciiLetterOrDigit(c),
            _ => null,
        };
        if (contains is null)
            return false;
        for (int value = 1; value < 128; value++)
            _bits[value] |= contains((char)value);
        return true;
    }

    /// <summary>The bytes that this set does not have.</summary>
    public ByteSet Complement()
    {
        var set = new ByteSet();
        for (int value = 1; value < 256; value++)
            set._bits[value] = !_bits[value];
        return set;
    }
}
