namespace Virtap.Virtio.Rings;

/// <summary>
/// Which requests of a split ring are in flight, from what the ring remembers: the last offers (avail) and the last returns (used), each in its order. How the two took turns it does not remember. Where each return
/// was that of the next offer, the last offers are in flight. Otherwise they are replayed with every return as late as it can be: when the ring would be full, when its head is offered again, or at the end. That is what happened if requests come back about in the order they were offered; a request that stays
/// while others go round is not seen any more once its entry is written over. So this is a likely answer, to be checked by how many there must be; QEMU's own elements (<see cref="ElementScan"/>) are the sure one.
/// </summary>
internal static class SplitHistory
{
    /// <summary>Finds them.</summary>
    /// <param name="number">Entries of the ring; heads that are not less name no descriptor, and are left out.</param>
    /// <param name="offers">Heads of the last offers that were taken, oldest first.</param>
    /// <param name="returns">Heads of the last returns, oldest first.</param>
    /// <param name="inFlight">By how many the offers that were taken are ahead of the returns.</param>
    /// <returns>Heads, and which of <paramref name="offers"/> was theirs, in the order of the offers.</returns>
    public static IReadOnlyList<(ushort Head, int Offer)> Find(int number, ReadOnlySpan<ushort> offers, ReadOnlySpan<uint> returns, int inFlight) =>
        IsInOrder(offers, returns, inFlight) ? InOrder(number, offers, inFlight) : Replay(number, offers, returns, inFlight);

    private static bool IsInOrder(ReadOnlySpan<ushort> offers, ReadOnlySpan<uint> returns, int inFlight)
    {
        for (int n = offers.Length - inFlight - 1, at = returns.Length - 1; n >= 0 && at >= 0; n--, at--)
        {
            if (offers[n] != returns[at])
                return false;
        }

        return inFlight <= offers.Length;
    }

    private static List<(ushort Head, int Offer)> InOrder(int number, ReadOnlySpan<ushort> offers, int inFlight)
    {
        var found = new List<(ushort Head, int Offer)>();
        for (int n = offers.Length - inFlight; n < offers.Length; n++)
        {
            if (offers[n] < number)
                found.Add((offers[n], n));
        }

        return found;
    }

    private static List<(ushort Head, int Offer)> Replay(int number, ReadOnlySpan<ushort> offers, ReadOnlySpan<uint> returns, int inFlight)
    {
        const int Free = -1;
        int[] offerOf = new int[number];
        Array.Fill(offerOf, Free);
        int next = 0;
        for (int n = 0; n < offers.Length; n++)
        {
            // Counted from now: the offer has the number n - offers.Length + inFlight, a return next - returns.Length. More than a ring full is never in flight.
            while (next < returns.Length && next - returns.Length < n - offers.Length + inFlight + 1 - number)
                Return(returns[next++]);
            if (offers[n] >= number)
                continue;
            ref int place = ref offerOf[offers[n]];
            while (place != Free && next < returns.Length)
                Return(returns[next++]);
            place = n;
        }

        while (next < returns.Length)
            Return(returns[next++]);

        var found = new List<(ushort Head, int Offer)>();
        for (int head = 0; head < number; head++)
        {
            if (offerOf[head] != Free)
                found.Add(((ushort)head, offerOf[head]));
        }

        found.Sort((a, b) => a.Offer.CompareTo(b.Offer));
        return found;

        void Return(uint head)
        {
            if (head < (uint)number)
                offerOf[head] = Free;
        }
    }
}
