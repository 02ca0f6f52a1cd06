namespace Virtap.Names;

/// <summary>Finds what somebody may have meant who wrote a name that is none.</summary>
public static class NameSuggestion
{
    private const int MaxLength = 100;

    /// <summary>The candidate with the fewest typing mistakes between it and the name; null where all are too far away.</summary>
    /// <param name="name">What was written.</param>
    /// <param name="candidates">What there is.</param>
    public static string? Nearest(ReadOnlySpan<char> name, params ReadOnlySpan<string> candidates)
    {
        string? nearest = null;
        int best = Math.Max(1, name.Length / 3) + 1;
        foreach (string candidate in candidates)
        {
            if (name.Length > MaxLength || candidate.Length > MaxLength || Math.Abs(candidate.Length - name.Length) >= best)
                continue;
            int distance = EditDistance.Between(name, candidate, swaps: true);
            if (distance < best)
                (best, nearest) = (distance, candidate);
        }

        return nearest;
    }

    /// <summary>The candidates that are least unlike a name, however far that is: what SystemTap calls similar.</summary>
    /// <param name="name">What was written.</param>
    /// <param name="candidates">What there is; among equals, those that come first go first.</param>
    /// <param name="max">How many at most.</param>
    public static IEnumerable<string> Similar(string name, IEnumerable<string> candidates, int max) =>
        name.Length > MaxLength ? [] : candidates.OrderBy(candidate => EditDistance.AsSystemTap(name, candidate)).Take(max);
}
