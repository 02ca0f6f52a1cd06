namespace Virtap.Names;

/// <summary>Finds the names that someone may have meant who wrote one that does not exist.</summary>
public static class NearestNames
{
    private const int MaxLength = 128;

    /// <summary>Ranks names by how near they are.</summary>
    /// <param name="wanted">The name that does not exist; wildcards in it are passed over.</param>
    /// <param name="names">Those that do.</param>
    /// <param name="count">How many at most.</param>
    /// <returns>
    /// The nearest first: names a few letters away (<c>virtio_notifiy</c>), names with the same words or more (<c>virtio_complete</c> for
    /// <c>virtio_blk_req_complete</c>); if there are none, the nearest of the same family, which is the first words.
    /// </returns>
    public static IReadOnlyList<string> Of(string wanted, IEnumerable<string> names, int count = 5)
    {
        string plain = string.Concat(wanted.Split('*', '?', '[', ']')).Replace('-', '_').ToLowerInvariant();
        if (plain.Length is 0 or > MaxLength)
            return [];
        string[] words = Words(plain);
        List<(int Distance, string Name)> near = [], family = [];
        int longestFamily = 1;
        foreach (string name in names)
        {
            if (name.Length > MaxLength)
                continue;
            string lower = name.ToLowerInvariant();
            string[] others = Words(lower);
            int distance = EditDistance.Between(plain, lower, swaps: true), common = CommonStart(words, others);
            if (distance <= Math.Max(2, plain.Length / 5)
                || (words.Length > 1 && others.Length > 1 && (Within(words, others) || Within(others, words))))
                near.Add((distance, name));
            if (common > longestFamily)
                family.Clear();
            longestFamily = Math.Max(longestFamily, common);
            if (common == longestFamily)
                family.Add((distance, name));
        }

        return [.. (near.Count > 0 ? near : family).Order().Take(count).Select(pair => pair.Name)];
    }

    private static string[] Words(string name) => name.Split('_', StringSplitOptions.RemoveEmptyEntries);

    private static int CommonStart(string[] left, string[] right)
    {
        int common = 0;
        while (common < left.Length && common < right.Length && left[common] == right[common])
            common++;
        return common;
    }

    /// <summary>Whether all words stand in the other name, in the same order.</summary>
    private static bool Within(string[] words, string[] others)
    {
        int found = 0;
        foreach (string other in others)
        {
            if (found < words.Length && words[found] == other)
                found++;
        }

        return found == words.Length;
    }
}
