namespace Virtap.Language.Syntax.Preprocessing;

/// <summary>Shell patterns as fnmatch(3) without flags takes them: <c>* ? [a-z] [!a]</c> and a backslash before a character that stands for itself.</summary>
public static class WildcardPattern
{
    /// <summary>Whether a text has characters that make it a pattern.</summary>
    public static bool HasWildcards(ReadOnlySpan<char> text) => text.ContainsAny('*', '?', '[');

    /// <summary>Whether a pattern takes the whole of a text. Time is at most the product of both lengths.</summary>
    public static bool IsMatch(ReadOnlySpan<char> pattern, ReadOnlySpan<char> text)
    {
        int p = 0, t = 0;
        // Where to go on when the characters behind the last star do not match: one character later.
        int starPattern = -1, starText = 0;
        while (t < text.Length)
        {
            if (p < pattern.Length && pattern[p] == '*')
            {
                starPattern = ++p;
                starText = t;
            }
            else if (p < pattern.Length && MatchesOne(pattern, ref p, text[t]))
            {
                t++;
            }
            else if (starPattern >= 0)
            {
                p = starPattern;
                t = ++starText;
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

    /// <summary>Matches a character with what stands at <paramref name="p"/>, which moves behind it.</summary>
    private static bool MatchesOne(ReadOnlySpan<char> pattern, ref int p, char c)
    {
        switch (pattern[p])
        {
            case '?':
                p++;
                return true;
            case '[' when EndOfSet(pattern, p) is > 0 and int end:
                bool isMatch = IsInSet(pattern[(p + 1)..end], c);
                p = end + 1;
                return isMatch;
            case '\\' when p + 1 < pattern.Length:
                p += 2;
                return pattern[p - 1] == c;
            default:
                return pattern[p++] == c;
        }
    }

    /// <summary>Where the bracket closes; -1 where it does not, and stands for itself.</summary>
    private static int EndOfSet(ReadOnlySpan<char> pattern, int open)
    {
        int first = open + 1;
        if (first < pattern.Length && (pattern[first] is '!' or '^'))
            first++;
        // A closing bracket that comes first is a member.
        int end = first + 1 < pattern.Length ? pattern[(first + 1)..].IndexOf(']') : -1;
        return end < 0 ? -1 : first + 1 + end;
    }

    private static bool IsInSet(ReadOnlySpan<char> set, char c)
    {
        bool isNegated = set[0] is '!' or '^';
        if (isNegated)
            set = set[1..];
        for (int i = 0; i < set.Length; i++)
        {
            char low = set[i], high = low;
            if (i + 2 < set.Length && set[i + 1] == '-')
            {
                high = set[i + 2];
                i += 2;
            }
            if (c >= low && c <= high)
                return !isNegated;
        }
        return isNegated;
    }
}
