using System.Diagnostics;
using System.Runtime.InteropServices;
using Virtap.Language;

namespace Virtap.Tracing.Memory;

/// <summary>
/// One associative array in memory: a header, hash buckets, entries. Entries are kept in a doubly linked list in order of insertion, which
/// is the order of foreach. All references are absolute memory offsets in 64-bit words; 0 is none.
/// <code>
/// header   +0 count  +8 first  +16 last  +24 free list  +32 entries ever used  +40 nine words for the eBPF sort
///          +112 buckets less one  +120 where they begin  +128 where entries begin  +136 most entries:
///          what the eBPF routines ask, which are made for all arrays of the same types
/// buckets  BucketCount words, each the first entry of its chain
/// entry    +0 next in chain  +8 previous in order  +16 next in order  +24 hash  +32 keys…  value…
/// </code>
/// A long key or value takes 8 bytes, a string <see cref="MemoryLayout.StringBytes"/>, an aggregate what <see cref="Statistic"/> says.
/// The hash is <see cref="KeyHash"/>; the bucket is its low bits.
/// The header lies among the globals; buckets and entries, which may be large, behind everything else in memory.
/// Buckets are a power of two, at least <see cref="MinBuckets"/>.
/// A fresh entry is taken from the free list (linked through +0) or, if that is empty, is the next never used one.
/// </summary>
public sealed record ArrayLayout(
    string Name,
    int Offset,
    IReadOnlyList<ScriptType> KeyTypes,
    IReadOnlyList<int> KeyOffsets,
    ScriptType ValueType,
    int ValueOffset,
    int EntryBytes,
    int MaxEntries,
    int BucketCount,
    bool Wraps,
    bool HasDeclaredSize,
    StatisticLayout? Statistic = null)
{
    /// <summary>Buckets are cleared so many at a time.</summary>
    public const int MinBuckets = 8;

    public const int CountAt = 0;
    public const int FirstAt = 8;
    public const int LastAt = 16;
    public const int FreeAt = 24;
    public const int UsedAt = 32;
    public const int SortAt = 40;

    /// <summary>Bytes of the header that change; those behind them say what the array is like.</summary>
    public const int ChangingBytes = 112;

    public const int BucketMaskAt = 112;
    public const int BucketsAt = 120;
    public const int EntriesAt = 128;
    public const int LimitAt = 136;
    public const int HeaderBytes = 144;

    public const int EntryChainAt = 0;
    public const int EntryPreviousAt = 8;
    public const int EntryNextAt = 16;
    public const int EntryHashAt = 24;
    public const int EntryKeysAt = 32;

    /// <summary>The declared size; 0 where it is MAXMAPENTRIES. The value of the error that the array is full.</summary>
    public int SizeLimit => HasDeclaredSize ? MaxEntries : 0;

    /// <summary>
    /// Bytes that make a fresh value 0 or "": the first word of a string is enough, which is empty with zeros to the end of the word; of
    /// a statistic all words count.
    /// </summary>
    public int FreshValueBytes => ValueType switch
    {
        ScriptType.String => 8,
        ScriptType.Long or ScriptType.Unknown or ScriptType.Statistics => EntryBytes - ValueOffset,
    };

    /// <summary>Whether a key is a string, which lies in the entry as a whole; else it is a number.</summary>
    public bool HasStringKey(int number) => KeyTypes[number] switch
    {
        ScriptType.String => true,
        ScriptType.Long or ScriptType.Unknown => false,
        ScriptType.Statistics => throw new UnreachableException($"a statistic is no key of '{Name}'"),
    };

    /// <summary>Where the buckets begin; settled last, when all that is small has its place.</summary>
    public int BucketsOffset { get; internal set; }

    /// <summary>Where the entries begin.</summary>
    public int EntriesOffset => BucketsOffset + (BucketCount * 8);

    /// <summary>What the header says at the start.</summary>
    public InitialBytes Description => new(
        Offset + BucketMaskAt, MemoryMarshal.AsBytes<long>([BucketCount - 1, BucketsOffset, EntriesOffset, MaxEntries]).ToArray());

    /// <summary>Bytes of buckets and entries.</summary>
    public long StorageBytes => (BucketCount * 8L) + (MaxEntries * (long)EntryBytes);
}

/// <summary>
/// The hash of an array's keys, the same in every machine. Start with 0; mix in each long key, and each 8-byte word of a string key up to
/// and including the one that holds its terminating zero (words are little-endian, and the bytes after the zero are zero).
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
