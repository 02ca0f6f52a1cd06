namespace Virtap.Names;

/// <summary>How unlike two names are.</summary>
public static class EditDistance
{
    private const int OnStack = 128;

    /// <summary>
    /// Characters to add, drop or change until one name is the other (Levenshtein); with swaps, exchanging two neighbours is one step as
    /// well (the restricted distance of Damerau and Levenshtein). Takes time in proportion to the product of both lengths.
    /// </summary>
    /// <param name="left">One name.</param>
    /// <param name="right">The other.</param>
    /// <param name="swaps">Whether a swap is one step: it is one slip of the fingers.</param>
    public static int Between(ReadOnlySpan<char> left, ReadOnlySpan<char> right, bool swaps)
    {
        int width = right.Length + 1;
        Span<int> rows = width <= OnStack + 1 ? stackalloc int[3 * width] : new int[3 * width];
        Span<int> before = rows[..width], last = rows.Slice(width, width), row = rows.Slice(2 * width, width);
        for (int j = 0; j <= right.Length; j++)
            last[j] = j;
        for (int i = 1; i <= left.Length; i++)
        {
            row[0] = i;
            for (int j = 1; j <= right.Length; j++)
            {
                int changed = left[i - 1] == right[j - 1] ? 0 : 1;
                row[j] = Math.Min(Math.Min(row[j - 1], last[j]) + 1, last[j - 1] + changed);
                if (swaps && i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1])
                    row[j] = Math.Min(row[j], before[j - 2] + 1);
            }

            Span<int> free = before;
            before = last;
            last = row;
            row = free;
        }

        return last[right.Length];
    }

    /// <summary>
    /// The distance by which SystemTap sorts what it calls similar, so that its suggestions are ours: as Levenshtein's, but that each step
    /// counts two, except adding or dropping at the beginning of a name, and another case of a letter, which count one. (Found by asking
    /// stap 4.8 about names of our own.)
    /// </summary>
    public static int AsSystemTap(ReadOnlySpan<char> left, ReadOnlySpan<char> right)
    {
        int width = right.Length + 1;
        Span<int> rows = width <= OnStack + 1 ? stackalloc int[2 * width] : new int[2 * width];
        Span<int> last = rows[..width], row = rows[width..];
        for (int j = 0; j <= right.Length; j++)
            last[j] = j;
        for (int i = 1; i <= left.Length; i++)
        {
            row[0] = i;
            for (int j = 1; j <= right.Length; j++)
            {
                char one = left[i - 1], other = right[j - 1];
                int changed = one == other ? 0 : char.ToLowerInvariant(one) == char.ToLowerInvariant(other) ? 1 : 2;
                row[j] = one == other ? last[j - 1] : Math.Min(Math.Min(row[j - 1], last[j]) + 2, last[j - 1] + changed);
            }

            Span<int> free = last;
            last = row;
            row = free;
        }

        return last[right.Length];
    }
}
