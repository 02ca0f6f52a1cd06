namespace Virtap.Language.Diagnostics;

/// <summary>Finds what somebody may have meant who wrote a name that is none.</summary>
public static class NameSuggestion
{
    /// <summary>The candidate with the fewest typing mistakes between it and the name; null where all are too far away.</summary>
    /// <param name="name">What was written.</param>
    /// <param name="candidates">What there is.</param>
    public static string? Nearest(ReadOnlySpan<char> name, params ReadOnlySpan<string> candidates)
    {
        string? nearest = null;
        int best = Math.Max(1, name.Length / 3) + 1;
        foreach (string candidate in candidates)
        {
            if (Math.Abs(candidate.Length - name.Length) >= best)
                continue;
            int distance = Distance(name, candidate);
            if (distance < best)
                (best, nearest) = (distance, candidate);
        }
        return nearest;
    }

    /// <summary>Characters to add, drop, change or swap with their neighbour until one name is the other.</summary>
    private static int Distance(ReadOnlySpan<char> left, ReadOnlySpan<char> right)
    {
        if (left.Length > 100 || right.Length > 100)
            return int.MaxValue;
        Span<int> before = stackalloc int[right.Length + 1], previous = stackalloc int[right.Length + 1], current = stackalloc int[right.Length + 1];
        for (int j = 0; j <= right.Length; j++)
            previous[j] = j;
        for (int i = 1; i <= left.Length; i++)
        {
            current[0] = i;
            for (int j = 1; j <= right.Length; j++)
            {
                int cost = left[i - 1] == right[j - 1] ? 0 : 1;
                current[j] = Math.Min(Math.Min(current[j - 1], previous[j]) + 1, previous[j - 1] + cost);
                if (i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1])
                    current[j] = Math.Min(current[j], before[j - 2] + 1);
            }
            var oldest = before;
            before = previous;
            previous = current;
            current = oldest;
        }
        return previous[right.Length];
    }
}
