using System.Text;

namespace Virtap.Binaries.Names;

/// <summary>
/// A name with wildcards, as the shell and SystemTap have them: <c>*</c> any characters, <c>?</c> one, <c>[a-z]</c> one of them, <c>[!a-z]</c> or
/// <c>[^a-z]</c> none of them. A bracket that is not closed, and a backslash, stand for themselves. Works on UTF-8 bytes: names of symbols need not be decoded.
/// </summary>
public sealed class Glob
{
    private readonly byte[] _pattern;

    /// <summary>Takes a pattern.</summary>
    public Glob(string pattern)
    {
        Pattern = pattern;
        _pattern = Encoding.UTF8.GetBytes(pattern);
        IsLiteral = pattern.AsSpan().IndexOfAny("*?[") < 0;
    }

    /// <summary>The pattern.</summary>
    public string Pattern { get; }

    /// <summary>Whether it has no wildcards: it matches itself alone.</summary>
    public bool IsLiteral { get; }

    /// <summary>Whether a whole name matches.</summary>
    public bool IsMatch(string name)
    {
        int length = Encoding.UTF8.GetMaxByteCount(name.Length);
        Span<byte> utf8 = length <= 512 ? stackalloc byte[length] : new byte[length];
        return IsMatch(utf8[..Encoding.UTF8.GetBytes(name, utf8)]);
    }

    /// <summary>Whether a whole name matches.</summary>
    public bool IsMatch(ReadOnlySpan<byte> name)
    {
        if (IsLiteral)
            return name.SequenceEqual(_pattern);

        // Only the last star can need to take more: what stood before it has matched as early as it could.
        ReadOnlySpan<byte> pattern = _pattern;
        int at = 0, star = -1, starAt = 0, p = 0;
        while (at < name.Length)
        {
            if (p < pattern.Length && pattern[p] == '*')
            {
                star = p++;
                starAt = at;
            }
            else if (p < pattern.Length && MatchesOne(pattern, ref p, name[at]))
            {
                at++;
            }
            else if (star >= 0)
            {
                p = star + 1;
                at = ++starAt;
            }
            else
            {
                return false;
            }
        }

        while (p < pattern.Length && pattern[p] == '*')
            p++;
        return p == pattern.Length;
    }

    /// <inheritdoc/>
    public override string ToString() => Pattern;

    /// <summary>Matches one byte, and moves beyond what matched it; otherwise stays.</summary>
    private static bool MatchesOne(ReadOnlySpan<byte> pattern, ref int p, byte b)
    {
        if (pattern[p] == '[' && TryBracket(pattern[p..], b, out int length, out bool matches))
        {
            p += matches ? length : 0;
            return matches;
        }

        if (pattern[p] != '?' && pattern[p] != b)
            return false;
        p++;
        return true;
    }

    private static bool TryBracket(ReadOnlySpan<byte> pattern, byte b, out int length, out bool matches)
    {
        matches = false;
        int at = 1;
        bool negated = at < pattern.Length && pattern[at] is (byte)'!' or (byte)'^';
        if (negated)
            at++;

        // A closing bracket that stands first is one of the characters.
        int first = at;
        for (; at < pattern.Length && (pattern[at] != ']' || at == first); at++)
        {
            byte low = pattern[at], high = low;
            if (at + 2 < pattern.Length && pattern[at + 1] == '-' && pattern[at + 2] != ']')
            {
                high = pattern[at + 2];
                at += 2;
            }

            matches |= b >= low && b <= high;
        }

        matches ^= negated;
        length = at + 1;
        return at < pattern.Length;
    }
}
