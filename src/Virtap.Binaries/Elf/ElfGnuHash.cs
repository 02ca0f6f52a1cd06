namespace Virtap.Binaries.Elf;

/// <summary>
/// The table by which the dynamic linker finds the symbols that a file defines (<c>DT_GNU_HASH</c>), read in place: four words (buckets,
/// first symbol, words and shift of the Bloom filter), the filter, for each bucket its first symbol, and for each symbol its hash, whose
/// lowest bit ends a bucket.
/// A symbol is found in
/// two or three cache lines, whatever their number.
/// </summary>
internal sealed class ElfGnuHash
{
    private const int HeaderSize = 16;

    private readonly ElfFile _file;
    private readonly ulong _address;
    private readonly uint _buckets;
    private readonly uint _bloomWords;
    private readonly int _bloomShift;

    private ElfGnuHash(ElfFile file, ulong address, ReadOnlySpan<byte> header)
    {
        _file = file;
        _address = address;
        _buckets = ElfImage.Word(header, 0);
        FirstDefined = ElfImage.Word(header, 4);
        _bloomWords = ElfImage.Word(header, 8);
        _bloomShift = (int)(ElfImage.Word(header, 12) & 63);
    }

    /// <summary>Index of the first symbol that can be found; those before are of other files.</summary>
    public uint FirstDefined { get; }

    private ulong BucketsAt => HeaderSize + _bloomWords * 8UL;

    private ulong ChainsAt => BucketsAt + _buckets * 4UL;

    private ReadOnlySpan<byte> Table => _file.BytesAt(_address, int.MaxValue);

    /// <summary>Opens a table; null where it is damaged or empty.</summary>
    public static ElfGnuHash? TryOpen(ElfFile file, ulong address)
    {
        ReadOnlySpan<byte> table = file.BytesAt(address, int.MaxValue);
        if (table.Length < HeaderSize)
            return null;
        var hash = new ElfGnuHash(file, address, table);
        return hash._buckets != 0 && hash._bloomWords != 0 && hash.ChainsAt <= (ulong)table.Length ? hash : null;
    }

    /// <summary>Number of symbols of the file: they run to the end of the chain that starts last.</summary>
    public uint CountSymbols()
    {
        ReadOnlySpan<byte> table = Table;
        uint last = 0;
        for (ulong at = BucketsAt; at < ChainsAt; at += 4)
            last = Math.Max(last, ElfImage.Word(table, (int)at));
        if (last < FirstDefined)
            return FirstDefined;
        for (ulong at = ChainAt(last); at + 4 <= (ulong)table.Length; at += 4, last++)
        {
            if ((ElfImage.Word(table, (int)at) & 1) != 0)
                return last + 1;
        }

        return 0;
    }

    /// <summary>Index of the symbol of a name; 0 where the file defines none.</summary>
    /// <param name="name">The name, without a version.</param>
    /// <param name="symbols">The symbols that the table is about.</param>
    public uint Find(ReadOnlySpan<byte> name, ElfSymbolTable symbols)
    {
        ReadOnlySpan<byte> table = Table;
        uint hash = Hash(name);
        ulong filter = ElfImage.Long(table, (int)(HeaderSize + hash / 64 % _bloomWords * 8UL));
        ulong wanted = (1UL << (int)(hash & 63)) | (1UL << (int)((hash >> _bloomShift) & 63));
        if ((filter & wanted) != wanted)
            return 0;
        uint index = ElfImage.Word(table, (int)(BucketsAt + hash % _buckets * 4UL));
        if (index < FirstDefined)
            return 0;
        for (ulong at = ChainAt(index); at + 4 <= (ulong)table.Length && index < symbols.Count; at += 4, index++)
        {
            uint entry = ElfImage.Word(table, (int)at);
            if ((entry | 1) == (hash | 1) && symbols[(int)index].NameUtf8.SequenceEqual(name))
                return index;
            if ((entry & 1) != 0)
                break;
        }

        return 0;
    }

    private ulong ChainAt(uint index) => ChainsAt + (index - FirstDefined) * 4UL;

    /// <summary>Bernstein's hash of a name.</summary>
    private static uint Hash(ReadOnlySpan<byte> name)
    {
        uint hash = 5381;
        foreach (byte b in name)
            hash = hash * 33 + b;
        return hash;
    }
}
