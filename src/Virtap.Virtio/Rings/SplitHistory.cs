namespace Virtap.Virtio.Rings;

/// <summary>
/// Which requests of a split ring are in flight, from what the ring remembers: the last offers (avail) and the last returns (used), each
/// in its order. How the two took turns it does not remember, unless it remembers all there ever was. But the offer with the number n and
/// the return with the number n are one request's if requests come back in order, and about one request's if they come back about in
/// order; so those heads are taken to be in flight whose last offer is furthest ahead of their last return. A request that stays while
/// others go round is not seen any more once its entry is written over. So this is a likely answer; QEMU's own elements
/// (<see cref="ElementScan"/>) are the sure one.
/// </summary>
internal static class SplitHistory
{
    private const int Never = -1;

    /// <summary>Finds them.</summary>
    /// <param name="number">Entries of the ring; heads that are not less name no descriptor, and are left out.</param>
    /// <param name="offers">Heads of the last offers that were taken, oldest first.</param>
    /// <param name="returns">Heads of the last returns, oldest first.</param>
    /// <param name="inFlight">By how many the offers that were taken are ahead of the returns.</param>
    /// <returns>Heads, and which of <paramref name="offers"/> was theirs, in the order of the offers.</returns>
    public static IReadOnlyList<(ushort Head, int Offer)> Find(
        int number, ReadOnlySpan<ushort> offers, ReadOnlySpan<uint> returns, int inFlight)
    {
        int[] lastOffer = new int[number], lastReturn = new int[number], surplus = new int[number];
        Array.Fill(lastOffer, Never);
        Array.Fill(lastReturn, Never);
        for (int n = 0; n < offers.Length; n++)
        {
            if (offers[n] >= number)
                continue;
            lastOffer[offers[n]] = n;
            surplus[offers[n]]++;
        }

        for (int n = 0; n < returns.Length; n++)
        {
            if (returns[n] >= (uint)number)
                continue;
            lastReturn[returns[n]] = n;
            surplus[returns[n]]--;
        }

        bool isWholeHistory = offers.Length - returns.Length == inFlight;
        // Where the numbers of offers and returns that are the same ones' differ by their places in what is remembered.
        int shift = offers.Length - returns.Length - inFlight;
        IEnumerable<int> offered = Enumerable.Range(0, number).Where(head => lastOffer[head] != Never);
        IEnumerable<int> found = isWholeHistory ? offered.Where(head => surplus[head] > 0)
            : offered.OrderByDescending(head => lastReturn[head] == Never ? int.MaxValue : lastOffer[head] - lastReturn[head] - shift)
                .ThenByDescending(head => lastOffer[head]).Take(inFlight);
        return [.. found.OrderBy(head => lastOffer[head]).Select(head => ((ushort)head, lastOffer[head]))];
    }
}
