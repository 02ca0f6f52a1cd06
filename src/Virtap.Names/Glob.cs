using System.Numerics;
using System.Text;

namespace Virtap.Names;

/// <summary>
/// A name with wildcards, as the shell and SystemTap have them: <c>*</c> any characters, <c>?</c> one, <c>[a-z]</c> one of them,
/// <c>[!a-z]</c> or
/// <c>[^a-z]</c> none of them. A bracket that is not closed, and a backslash, stand for themselves. Works on UTF-8 bytes: names of symbols
/// need not be decoded.
/// </summary>
public sealed class Glob
{
    private readonly byte[] _pattern;

    /// <summary>Takes a pattern.</summary>
    public Glob(string pattern)
    {
        Pattern = pattern;
        _pattern = Encoding.UTF8.GetBytes(pattern);
        IsLiteral = !HasWildcards(pattern);
    }

    /// <summary>The pattern.</summary>
    public string Pattern { get; }

    /// <summary>Whether it has no wildcards: it matches itself alone.</summary>
    public bool IsLiteral { get; }

    /// <summary>Whether a text has characters that make it a pattern.</summary>
    public static bool HasWildcards(ReadOnlySpan<char> text) => text.ContainsAny('*', '?', '[');

    /// <summary>
    /// Whether a pattern takes the whole of a text as fnmatch(3) without flags has it: a backslash makes the next character stand for
    /// itself.
    /// </summary>
    /// <remarks>Time is at most the product of both lengths.</remarks>
    public static bool IsMatchWithEscapes(ReadOnlySpan<char> pattern, ReadOnlySpan<char> text) => IsMatch(pattern, text, escapes: true);

    /// <summary>Whether a whole name matches.</summary>
    public bool IsMatch(string name)
    {
        int length = Encoding.UTF8.GetMaxByteCount(name.Length);
        Span<byte> utf8 = length <= 512 ? stackalloc byte[length] : new byte[length];
        return IsMatch(utf8[..Encoding.UTF8.GetBytes(name, utf8)]);
    }

    /// <summary>Whether a whole name matches.</summary>
    public bool IsMatch(ReadOnlySpan<byte> name) => IsLiteral ? name.SequenceEqual(_pattern) : IsMatch(_pattern, name, escapes: false);

    /// <inheritdoc/>
    public override string ToString() => Pattern;

    private static bool IsMatch<T>(ReadOnlySpan<T> pattern, ReadOnlySpan<T> name, bool escapes)
        where T : unmanaged, IBinaryInteger<T>
    {
        // Only the last star can need to take more: what stood before it has matched as early as it could.
        int at = 0, star = -1, starAt = 0, p = 0;
        while (at < name.Length)
        {
            if (p < pattern.Length && pattern[p] == T.CreateTruncating('*'))
            {
                star = ++p;
                starAt = at;
            }
            else if (p < pattern.Length && MatchesOne(pattern, ref p, name[at], escapes))
            {
                at++;
            }
            else if (star >= 0)
            {
                p = star;
                at = ++starAt;
            }
            else
            {
                return false;
            }
        }

        return !pattern[p..].ContainsAnyExcept(T.CreateTruncating('*'));
    }

    /// <summary>Matches one character with what stands at <paramref name="p"/>, which moves behind it.</summary>
    private static bool MatchesOne<T>(ReadOnlySpan<T> pattern, ref int p, T c, bool escapes)
        where T : unmanaged, IBinaryInteger<T>
    {
        T first = pattern[p];
        if (first == T.CreateTruncating('[') && EndOfSet(pattern, p) is > 0 and int end)
        {
            bool isMember = IsInSet(pattern[(p + 1)..end], c);
            p = end + 1;
            return isMember;
        }

        if (escapes && first == T.CreateTruncating('\\') && p + 1 < pattern.Length)
            first = pattern[++p];
        else if (first == T.CreateTruncating('?'))
            first = c;
        p++;
        return first == c;
    }

    /// <summary>Where the bracket closes; -1 where it does not, and stands for itself.</summary>
    private static int EndOfSet<T>(ReadOnlySpan<T> pattern, int open)
        where T : unmanaged, IBinaryInteger<T>
    {
        int first = open + 1;
        if (first < pattern.Length && IsNegation(pattern[first]))
            first++;
        // A closing bracket that comes first is a member.
        int end = first + 1 < pattern.Length ? pattern[(first + 1)..].IndexOf(T.CreateTruncating(']')) : -1;
        return end < 0 ? -1 : first + 1 + end;
    }

    private static bool IsInSet<T>(ReadOnlySpan<T> set, T c)
        where T : unmanaged, IBinaryInteger<T>
    {
        bool isNegated = IsNegation(set[0]);
        if (isNegated)
            set = set[1..];
        for (int i = 0; i < set.Length; i++)
        {
            T low = set[i], high = low;
            if (i + 2 < set.Length && set[i + 1] == T.CreateTruncating('-'))
            {
                high = set[i + 2];
                i += 2;
            }

            if (c >= low && c <= high)
                return !isNegated;
        }

        return isNegated;
    }

    private static bool IsNegation<T>(T c)
        where T : unmanaged, IBinaryInteger<T> => c == T.CreateTruncating('!') || c == T.CreateTruncating('^');
}
