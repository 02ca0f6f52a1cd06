using System.Numerics;
using System.Runtime.InteropServices;
using System.Text;

namespace Virtap.Binaries.Dwarf;

/// <summary>What a name of the index stands for.</summary>
internal enum NamedKind : byte
{
    /// <summary>A function with code of its own, or one that is inlined elsewhere.</summary>
    Function,

    /// <summary>A variable of a file.</summary>
    Variable,

    /// <summary>A structure, union, class.</summary>
    Structure,

    /// <summary>An enumeration.</summary>
    Enumeration,

    /// <summary>A typedef or a base type.</summary>
    Type,

    /// <summary>A variable that another file defines.</summary>
    Declaration,

    /// <summary>A value of an enumeration, which is the entry.</summary>
    Constant,
}

/// <summary>A name: its hash, and the entry that has it.</summary>
/// <param name="Hash">The name's <see cref="NameTable.Hash"/>.</param>
/// <param name="Place">The unit's number, and the kind in the lowest three bits.</param>
/// <param name="Offset">Where the entry is in the unit's section.</param>
internal readonly record struct Named(uint Hash, uint Place, int Offset)
{
    private const int KindBits = 3;

    public Named(uint hash, int unit, NamedKind kind, int offset)
        : this(hash, ((uint)unit << KindBits) | (uint)kind, offset)
    {
    }

    /// <summary>The unit's number.</summary>
    public int Unit => (int)(Place >> KindBits);

    /// <summary>What the name stands for.</summary>
    public NamedKind Kind => (NamedKind)(Place & ((1 << KindBits) - 1));
}

/// <summary>
/// Names by their hashes, as one piece of bytes, which a file may hold: a head (what it is, a checksum of what follows, how many buckets
/// and names there are, whose names they are), where each bucket begins, and the names bucket by bucket, in a bucket in the order of the
/// debug information. Little-endian, as the machines are that Virtap runs on.
/// </summary>
internal sealed class NameTable
{
    private const ulong Magic = 0x3130_454d_414e_5456; // VTNAME01
    private const int MagicAt = 0, ChecksumAt = 8, BucketsAt = 12, NamesAt = 16, KeyLengthAt = 20, KeyAt = 24, MaxKey = 232;
    private const int HeadBytes = KeyAt + MaxKey, NamedBytes = 12;

    private readonly byte[] _bytes;

    private NameTable(byte[] bytes)
    {
        _bytes = bytes;
    }

    /// <summary>All of it.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes;

    /// <summary>All names.</summary>
    public ReadOnlySpan<Named> Names =>
        MemoryMarshal.Cast<byte, Named>(_bytes.AsSpan(HeadBytes + ((BucketCount + 1) * sizeof(int)), NameCount * NamedBytes));

    private ReadOnlySpan<int> Starts => MemoryMarshal.Cast<byte, int>(_bytes.AsSpan(HeadBytes, (BucketCount + 1) * sizeof(int)));

    private int BucketCount => BitConverter.ToInt32(_bytes, BucketsAt);

    private int NameCount => BitConverter.ToInt32(_bytes, NamesAt);

    /// <summary>Orders names by their hashes.</summary>
    /// <param name="names">In the order of the debug information; of each unit those that it has.</param>
    /// <param name="key">Whose they are.</param>
    public static NameTable Of(IReadOnlyList<IReadOnlyCollection<Named>> names, string key)
    {
        int count = names.Sum(static each => each.Count);
        int buckets = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(count / 2, 1));
        byte[] bytes = new byte[checked(HeadBytes + ((buckets + 1) * sizeof(int)) + (count * NamedBytes))];
        var table = new NameTable(bytes);
        BitConverter.TryWriteBytes(bytes.AsSpan(MagicAt), Magic);
        BitConverter.TryWriteBytes(bytes.AsSpan(BucketsAt), buckets);
        BitConverter.TryWriteBytes(bytes.AsSpan(NamesAt), count);
        byte[] keyBytes = KeyBytes(key);
        BitConverter.TryWriteBytes(bytes.AsSpan(KeyLengthAt), keyBytes.Length);
        keyBytes.CopyTo(bytes, KeyAt);

        // Counts of each bucket, one place further on; their sums are then where buckets begin.
        Span<int> starts = MemoryMarshal.Cast<byte, int>(bytes.AsSpan(HeadBytes, (buckets + 1) * sizeof(int)));
        uint mask = (uint)buckets - 1;
        foreach (IReadOnlyCollection<Named> unit in names)
        {
            foreach (Named named in unit)
                starts[(int)(named.Hash & mask) + 1]++;
        }

        for (int bucket = 0; bucket < buckets; bucket++)
            starts[bucket + 1] += starts[bucket];
        int[] next = starts[..buckets].ToArray();
        Span<Named> sorted = MemoryMarshal.Cast<byte, Named>(bytes.AsSpan(HeadBytes + ((buckets + 1) * sizeof(int))));
        foreach (IReadOnlyCollection<Named> unit in names)
        {
            foreach (Named named in unit)
                sorted[next[named.Hash & mask]++] = named;
        }

        BitConverter.TryWriteBytes(bytes.AsSpan(ChecksumAt), table.Checksum());
        return table;
    }

    /// <summary>Takes bytes that a file had.</summary>
    /// <param name="bytes">They may be anybody's: names that they give are to be compared with those of the entries.</param>
    /// <param name="key">Whose names are wanted.</param>
    /// <returns>Null where they are damaged, or others'.</returns>
    public static NameTable? TryRead(byte[] bytes, string key)
    {
        if (bytes.Length < HeadBytes || BitConverter.ToUInt64(bytes, MagicAt) != Magic)
            return null;
        var table = new NameTable(bytes);
        int buckets = table.BucketCount, names = table.NameCount;
        bool isWhole = buckets > 0 && BitOperations.IsPow2(buckets) && names >= 0
            && HeadBytes + ((buckets + 1L) * sizeof(int)) + ((long)names * NamedBytes) == bytes.Length;
        ReadOnlySpan<byte> wanted = KeyBytes(key);
        return isWhole && BitConverter.ToInt32(bytes, KeyLengthAt) == wanted.Length
            && bytes.AsSpan(KeyAt, wanted.Length).SequenceEqual(wanted)
            && BitConverter.ToUInt32(bytes, ChecksumAt) == table.Checksum() ? table : null;
    }

    /// <summary>The names of a hash, in the order of the debug information.</summary>
    public IReadOnlyList<Named> WithHash(uint hash)
    {
        int bucket = (int)(hash & ((uint)BucketCount - 1));
        ReadOnlySpan<Named> names = Names;
        int start = Starts[bucket], end = Starts[bucket + 1];
        if (start < 0 || start > end || end > names.Length)
            return [];
        List<Named> found = [];
        foreach (Named named in names[start..end])
        {
            if (named.Hash == hash)
                found.Add(named);
        }

        return found;
    }

    /// <summary>The hash of a name: FNV-1a.</summary>
    public static uint Hash(ReadOnlySpan<byte> name)
    {
        uint hash = 2166136261;
        foreach (byte b in name)
            hash = (hash ^ b) * 16777619;
        return hash;
    }

    private static byte[] KeyBytes(string key)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(key);
        return bytes.Length <= MaxKey ? bytes : throw new ArgumentException("longer than a key may be", nameof(key));
    }

    /// <summary>CRC-32C, which processors compute eight bytes at a time, of what stands behind it.</summary>
    private uint Checksum()
    {
        ReadOnlySpan<byte> rest = _bytes.AsSpan(BucketsAt);
        uint sum = uint.MaxValue;
        foreach (ulong word in MemoryMarshal.Cast<byte, ulong>(rest))
            sum = BitOperations.Crc32C(sum, word);
        foreach (byte b in rest[(rest.Length & ~7)..])
            sum = BitOperations.Crc32C(sum, b);
        return ~sum;
    }
}
