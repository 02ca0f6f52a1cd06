namespace Virtap.Tracing.Memory;

/// <summary>
/// The hash of an array's keys, the same in every machine. Start with 0; mix in each long key, and each 8-byte word of a string key up to and
/// including the one that holds its terminating zero (words are little-endian, and the bytes after the zero are zero).
/// </summary>
public static class KeyHash
{
    /// <summary>2^64 divided by the golden ratio, odd.</summary>
    public const long Multiplier = unchecked((long)0x9E3779B97F4A7C15);

    /// <summary>Mixes one word: (hash ^ word) * Multiplier, then its high half folded into the low one.</summary>
    public static ulong Mix(ulong hash, ulong word)
    {
        ulong product = (hash ^ word) * unchecked((ulong)Multiplier);
        return product ^ (product >> 32);
    }
}
