using Virtap.Language.Binding;

namespace Virtap.Tracing.Memory;

/// <summary>
/// One associative array in memory: a header, hash buckets, entries. Entries are kept in a doubly linked list in order of insertion, which
/// is the order of foreach. All references are absolute memory offsets in 64-bit words; 0 is none.
/// <code>
/// header   +0 count  +8 first  +16 last  +24 free list  +32 entries ever used  +40 eight words for the eBPF sort
/// buckets  BucketCount words, each the first entry of its chain
/// entry    +0 next in chain  +8 previous in order  +16 next in order  +24 hash  +32 keys…  value…
/// </code>
/// A long key or value takes 8 bytes, a string <see cref="MemoryLayout.StringBytes"/>. The hash is <see cref="KeyHash"/>; the bucket is its low bits.
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
    bool HasDeclaredSize)
{
    public const int CountAt = 0;
    public const int FirstAt = 8;
    public const int LastAt = 16;
    public const int FreeAt = 24;
    public const int UsedAt = 32;
    public const int SortAt = 40;
    public const int HeaderBytes = 104;

    public const int EntryChainAt = 0;
    public const int EntryPreviousAt = 8;
    public const int EntryNextAt = 16;
    public const int EntryHashAt = 24;
    public const int EntryKeysAt = 32;

    /// <summary>The declared size; 0 where it is MAXMAPENTRIES. The value of the error that the array is full.</summary>
    public int SizeLimit => HasDeclaredSize ? MaxEntries : 0;

    /// <summary>Where the buckets begin.</summary>
    public int BucketsOffset => Offset + HeaderBytes;

    /// <summary>Where the entries begin.</summary>
    public int EntriesOffset => BucketsOffset + (BucketCount * 8);

    /// <summary>First byte after the array.</summary>
    public int EndOffset => EntriesOffset + (MaxEntries * EntryBytes);
}
