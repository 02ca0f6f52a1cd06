using System.Numerics;
using System.Text;

namespace Virtap.Binaries.Elf;

/// <summary>
/// The symbols of a file (<c>.dynsym</c> or <c>.symtab</c>), read in place. Those that a file defines for others are found by the dynamic
/// linker's own hash table.
/// Where there is none, the first lookups by name compare bytes along the table (0.1 ms for QEMU's 20,000); who looks up more often gets an
/// index, which costs a few of those once.
/// </summary>
public sealed class ElfSymbolTable
{
    /// <summary>Bytes of an entry (<c>Elf64_Sym</c>).</summary>
    internal const int EntrySize = 24;

    private const int LookupsBeforeIndex = 8;
    private const int HashedLength = 64;

    // Nested or overlapping functions are rare; this bounds the search in files that are made of them.
    private const int MaxOverlap = 64;

    private readonly ElfImage _image;
    private readonly ulong _entries;
    private readonly ulong _strings;
    private readonly ulong _stringsSize;
    private readonly ElfGnuHash? _hash;
    private int _lookups;
    private int[]? _buckets;
    private int _functionLookups;
    private (ulong[] Addresses, int[] Indices)? _functions;

    internal ElfSymbolTable(ElfImage image, ulong entries, int count, ulong strings, ulong stringsSize, ElfGnuHash? hash)
    {
        _image = image;
        _entries = entries;
        Count = count;
        _strings = strings;
        _stringsSize = stringsSize;
        _hash = hash;
    }

    /// <summary>Number of symbols, with the empty one at 0.</summary>
    public int Count { get; }

    /// <summary>The symbol at a place of the table.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such place.</exception>
    public ElfSymbol this[int index]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)Count, nameof(index));
            return new ElfSymbol(this, index, _image.Cut(_entries + (ulong)index * EntrySize, EntrySize));
        }
    }

    /// <summary>All symbols, in the table's order, without the empty one.</summary>
    public Enumerator GetEnumerator() => new(this);

    /// <summary>Finds a symbol by its whole name; a definition is preferred to a reference.</summary>
    /// <param name="name">The name, without a version.</param>
    /// <param name="symbol">The symbol.</param>
    public bool TryFind(string name, out ElfSymbol symbol)
    {
        Span<byte> small = stackalloc byte[256];
        int length = Encoding.UTF8.GetByteCount(name);
        Span<byte> utf8 = length <= small.Length ? small[..length] : new byte[length];
        Encoding.UTF8.GetBytes(name, utf8);
        return TryFind(utf8, out symbol);
    }

    /// <summary>Finds a symbol by the UTF-8 bytes of its whole name; a definition is preferred to a reference.</summary>
    public bool TryFind(ReadOnlySpan<byte> name, out ElfSymbol symbol)
    {
        symbol = default;
        if (name.IsEmpty)
            return false;
        int found = Find(name);
        if (found < 0)
            return false;
        symbol = this[found];
        return true;
    }

    /// <summary>Whether another address is defined under a symbol's name, as static variables of several source files may be.</summary>
    public bool IsAmbiguous(in ElfSymbol symbol)
    {
        ReadOnlySpan<byte> name = symbol.NameUtf8;
        int[] next = Index;
        for (int index = FirstOf(name); index != 0; index = next[index])
        {
            if (IsNamed(index, name, out bool isDefined) && isDefined && this[index].Address != symbol.Address)
                return true;
        }

        return false;
    }

    /// <summary>Finds the function whose code holds an address. A function without a size reaches to the next one.</summary>
    /// <param name="address">A link-time address.</param>
    /// <param name="function">The function; of several names for one place, the first in the table.</param>
    public bool TryFindFunction(ulong address, out ElfSymbol function)
    {
        if (_functions is null && ++_functionLookups <= LookupsBeforeIndex)
            return TryFindFunctionAlongTable(address, out function);
        (ulong[] addresses, int[] indices) = _functions ??= SortFunctions();
        int nearest = Array.BinarySearch(addresses, address);
        nearest = nearest < 0 ? ~nearest - 1 : nearest;
        function = default;
        if (nearest < 0)
            return false;
        while (nearest + 1 < addresses.Length && addresses[nearest + 1] == addresses[nearest])
            nearest++;

        int best = -1;
        for (int at = nearest; at >= 0 && at >= nearest - MaxOverlap; at--)
        {
            if (best >= 0 && addresses[at] != addresses[best])
                break;
            ElfSymbol candidate = this[indices[at]];
            if ((best < 0 || candidate.Index < function.Index) && Reaches(candidate, address, addresses[nearest]))
                (best, function) = (at, candidate);
        }

        return best >= 0;
    }

    /// <summary>The name at an offset of the table's strings; empty where there is none that ends.</summary>
    internal ReadOnlySpan<byte> NameAt(uint offset)
    {
        if (offset >= _stringsSize)
            return default;
        ReadOnlySpan<byte> rest = _image.Cut(_strings + offset, Math.Min(_stringsSize - offset, ElfFile.MaxNameLength));
        int end = rest.IndexOf((byte)0);
        return end < 0 ? default : rest[..end];
    }

    /// <summary>For each symbol the next one in its bucket, 0 at the end.</summary>
    private int[] Index => field ??= BuildIndex();

    private int Find(ReadOnlySpan<byte> name)
    {
        if (_hash is not null)
            return _hash.Find(name, this) is > 0 and uint defined
                ? (int)defined : FindAlongTable(name, (int)Math.Min(_hash.FirstDefined, (uint)Count));
        return ++_lookups > LookupsBeforeIndex ? FindInIndex(name) : FindAlongTable(name, Count);
    }

    private int FindAlongTable(ReadOnlySpan<byte> name, int count)
    {
        ReadOnlySpan<byte> entries = _image.Cut(_entries, (ulong)count * EntrySize);
        ReadOnlySpan<byte> strings = _image.Cut(_strings, _stringsSize);
        int found = -1;
        for (int at = EntrySize, index = 1; at <= entries.Length - EntrySize; at += EntrySize, index++)
        {
            uint offset = ElfImage.Word(entries, at);
            if (offset >= strings.Length || strings[(int)offset] != name[0] || !IsNameAt(strings, (int)offset, name))
                continue;
            if (ElfImage.Half(entries, at + 6) != 0)
                return index;
            if (found < 0)
                found = index;
        }

        return found;
    }

    private static bool IsNameAt(ReadOnlySpan<byte> strings, int offset, ReadOnlySpan<byte> name)
        => strings.Length - offset > name.Length && strings[offset + name.Length] == 0
            && strings.Slice(offset, name.Length).SequenceEqual(name);

    private int FindInIndex(ReadOnlySpan<byte> name)
    {
        int[] next = Index;
        int found = -1;
        for (int index = FirstOf(name); index != 0; index = next[index])
        {
            if (!IsNamed(index, name, out bool isDefined))
                continue;
            if (isDefined)
                return index;
            if (found < 0)
                found = index;
        }

        return found;
    }

    private int FirstOf(ReadOnlySpan<byte> name) => _buckets![Hash(name) & (uint)(_buckets.Length - 1)];

    private bool IsNamed(int index, ReadOnlySpan<byte> name, out bool isDefined)
    {
        ReadOnlySpan<byte> entry = _image.Cut(_entries + (ulong)index * EntrySize, EntrySize);
        ReadOnlySpan<byte> strings = _image.Cut(_strings, _stringsSize);
        uint offset = ElfImage.Word(entry, 0);
        isDefined = ElfImage.Half(entry, 6) != 0;
        return offset < strings.Length && IsNameAt(strings, (int)offset, name);
    }

    private int[] BuildIndex()
    {
        _buckets = new int[BitOperations.RoundUpToPowerOf2((uint)Math.Max(Count, 1))];
        var next = new int[Count];
        ReadOnlySpan<byte> entries = _image.Cut(_entries, (ulong)Count * EntrySize);
        ReadOnlySpan<byte> strings = _image.Cut(_strings, _stringsSize);

        // From the end, so that each chain is in the table's order.
        for (int index = Count - 1; index > 0; index--)
        {
            uint offset = ElfImage.Word(entries, index * EntrySize);
            if (offset >= strings.Length)
                continue;
            ref int bucket = ref _buckets[Hash(strings[(int)offset..]) & (uint)(_buckets.Length - 1)];
            next[index] = bucket;
            bucket = index;
        }

        return next;
    }

    /// <summary>FNV-1a of a name's first bytes: enough to tell names apart, and bounded in files whose strings never end.</summary>
    private static uint Hash(ReadOnlySpan<byte> name)
    {
        uint hash = 2166136261;
        foreach (byte b in name[..Math.Min(name.Length, HashedLength)])
        {
            if (b == 0)
                break;
            hash = (hash ^ b) * 16777619;
        }

        return hash;
    }

    /// <summary>Whether a function's code holds an address; one without a size does where none begins between.</summary>
    private static bool Reaches(in ElfSymbol function, ulong address, ulong nearest)
        => address - function.Address < function.Size || (function.Size == 0 && function.Address == nearest);

    private static bool IsFunction(in ElfSymbol symbol)
        => symbol.IsDefined && symbol.Kind is ElfSymbolKind.Function or ElfSymbolKind.IndirectFunction;

    private bool TryFindFunctionAlongTable(ulong address, out ElfSymbol function)
    {
        ulong nearest = 0;
        foreach (ElfSymbol symbol in this)
        {
            if (symbol.Address <= address && symbol.Address > nearest && IsFunction(symbol))
                nearest = symbol.Address;
        }

        function = default;
        foreach (ElfSymbol symbol in this)
        {
            if (symbol.Address <= address && IsFunction(symbol) && Reaches(symbol, address, nearest)
                && (function.Index == 0 || symbol.Address > function.Address))
                function = symbol;
        }

        return function.Index != 0;
    }

    private (ulong[] Addresses, int[] Indices) SortFunctions()
    {
        List<ulong> addresses = [];
        List<int> indices = [];
        foreach (ElfSymbol symbol in this)
        {
            if (!IsFunction(symbol))
                continue;
            addresses.Add(symbol.Address);
            indices.Add(symbol.Index);
        }

        ulong[] keys = [.. addresses];
        int[] items = [.. indices];
        Array.Sort(keys, items);
        return (keys, items);
    }

    /// <summary>Goes through a table.</summary>
    public struct Enumerator
    {
        private readonly ElfSymbolTable _table;
        private int _index;

        internal Enumerator(ElfSymbolTable table) => _table = table;

        /// <summary>The symbol.</summary>
        public readonly ElfSymbol Current => _table[_index];

        /// <summary>To the next symbol, if there is one.</summary>
        public bool MoveNext() => ++_index < _table.Count;
    }
}
