namespace Virtap.Binaries.Code.Symbolic;

/// <summary>
/// The words of a frame in which addresses of the image are kept, by their distance from the stack pointer on entry: where a compiler has
/// more such addresses than registers. Immutable.
/// </summary>
internal sealed class SpilledAddresses
{
    // Nobody keeps more; each costs time where ways meet.
    private const int MaxWords = 64;
    private const int WordSize = sizeof(ulong);

    private readonly (long Offset, ulong Address)[] _words;

    private SpilledAddresses((long Offset, ulong Address)[] words) => _words = words;

    /// <summary>No such word.</summary>
    public static SpilledAddresses None { get; } = new([]);

    /// <summary>The words.</summary>
    public ReadOnlySpan<(long Offset, ulong Address)> Words => _words;

    /// <summary>The address in a word; null where it has none.</summary>
    public ulong? AddressAt(long offset)
    {
        foreach ((long at, ulong address) in _words)
        {
            if (at == offset)
                return address;
        }

        return null;
    }

    /// <summary>The words after a store.</summary>
    /// <param name="offset">Where to.</param>
    /// <param name="size">Bytes.</param>
    /// <param name="address">The address that is stored; null for anything else.</param>
    public SpilledAddresses WithStore(long offset, int size, ulong? address)
    {
        (long, ulong)[] kept = Array.Exists(_words, Overlaps) ? Array.FindAll(_words, word => !Overlaps(word)) : _words;
        if (address is { } stored && size == WordSize && kept.Length < MaxWords)
            return new SpilledAddresses([.. kept, (offset, stored)]);
        return ReferenceEquals(kept, _words) ? this : new SpilledAddresses(kept);

        bool Overlaps((long Offset, ulong Address) word) => offset < word.Offset + WordSize && word.Offset < offset + size;
    }

    /// <summary>The words that are the same here and elsewhere; this very object where all are.</summary>
    public SpilledAddresses Meet(SpilledAddresses other)
    {
        if (ReferenceEquals(this, other) || Array.TrueForAll(_words, IsThereToo))
            return this;
        return new SpilledAddresses(Array.FindAll(_words, IsThereToo));

        bool IsThereToo((long Offset, ulong Address) word) => other.AddressAt(word.Offset) == word.Address;
    }
}
