namespace Virtap.Virtio.Tests.Rings;

/// <summary>A split ring in which a driver offers and a device returns, and which knows what is in flight.</summary>
internal sealed class SimulatedRing
{
    private readonly List<ushort> _free;
    private readonly List<ushort> _inFlight = [];
    private readonly ushort[] _avail;
    private readonly uint[] _used;
    private readonly bool _isLifo;
    private int _offers;
    private int _returns;

    /// <param name="number">Entries of the ring.</param>
    /// <param name="isLifo">Whether the driver takes the descriptor that came back last, as Linux does, or the one that has been free for
    /// longest.</param>
    public SimulatedRing(int number, bool isLifo)
    {
        _free = [.. Enumerable.Range(0, number).Reverse().Select(n => (ushort)n)];
        _avail = new ushort[number];
        _used = new uint[number];
        _isLifo = isLifo;
    }

    /// <summary>Heads in flight, in the order they were offered.</summary>
    public IReadOnlyList<ushort> InFlight => _inFlight;

    public void Offer()
    {
        int at = _isLifo ? _free.Count - 1 : 0;
        ushort head = _free[at];
        _free.RemoveAt(at);
        _inFlight.Add(head);
        _avail[_offers++ % _avail.Length] = head;
    }

    public void Return(int nth)
    {
        _free.Add(_inFlight[nth]);
        _used[_returns++ % _used.Length] = _inFlight[nth];
        _inFlight.RemoveAt(nth);
    }

    public ushort[] LastOffers() => Last(_avail, _offers);

    public uint[] LastReturns() => Last(_used, _returns);

    private static T[] Last<T>(T[] ring, int end) =>
        [.. Enumerable.Range(Math.Max(0, end - ring.Length), Math.Min(end, ring.Length)).Select(n => ring[n % ring.Length])];
}
