using Virtap.Binaries.Elf;

namespace Virtap.Debugging.Targets;

/// <summary>The symbols of a file by link-time address: which one an address lies in, as gdb decides it.</summary>
internal sealed class SymbolIndex
{
    private readonly ElfFile _file;
    private readonly ElfSymbolTable _table;
    private readonly ulong[] _addresses;
    private readonly int[] _indices;

    /// <summary>Sorts a table.</summary>
    /// <param name="file">The file that the addresses are of.</param>
    /// <param name="table">Its symbols.</param>
    public SymbolIndex(ElfFile file, ElfSymbolTable table)
    {
        (_file, _table) = (file, table);
        List<ulong> addresses = [];
        List<int> indices = [];
        foreach (ElfSymbol symbol in table)
        {
            bool hasAddress = symbol.Kind is ElfSymbolKind.None or ElfSymbolKind.Object or ElfSymbolKind.Function
                or ElfSymbolKind.IndirectFunction;
            if (!symbol.IsDefined || !hasAddress || symbol.SectionIndex >= 0xff00 || symbol.NameUtf8.IsEmpty)
                continue;
            addresses.Add(symbol.Address);
            indices.Add(symbol.Index);
        }

        (_addresses, _indices) = ([.. addresses], [.. indices]);
        Array.Sort(_addresses, _indices);
    }

    /// <summary>The symbol that an address lies in: the nearest before it that reaches it, or that has no size.</summary>
    public ElfSymbol? Find(ulong address)
    {
        if (_file.FindSection(address) is not { } section)
            return null;
        int at = Array.BinarySearch(_addresses, address);
        if (at < 0)
            at = ~at - 1;
        while (at + 1 < _addresses.Length && _addresses[at + 1] <= address)
            at++;
        ElfSymbol? withoutSize = null;
        for (; at >= 0; at--)
        {
            ElfSymbol symbol = _table[_indices[at]];
            if (_file.FindSection(symbol.Address) != section)
                continue;
            if (symbol.Size == 0)
            {
                withoutSize ??= symbol;
                continue;
            }

            symbol = BestAt(at);
            return address - symbol.Address < symbol.Size ? symbol : Named(withoutSize, section);
        }

        return Named(withoutSize, section);
    }

    /// <summary>Of data, what has no size has no bytes that an address could be one of.</summary>
    private static ElfSymbol? Named(ElfSymbol? symbol, ElfSection section) => section.IsExecutable ? symbol : null;

    /// <summary>Of several names of one place: a global one, as people know it.</summary>
    private ElfSymbol BestAt(int at)
    {
        ElfSymbol best = _table[_indices[at]];
        for (int other = at - 1; other >= 0 && _addresses[other] == best.Address; other--)
        {
            ElfSymbol symbol = _table[_indices[other]];
            if (symbol.Size > 0 && symbol.Binding == ElfSymbolBinding.Global && best.Binding != ElfSymbolBinding.Global)
                best = symbol;
        }

        return best;
    }
}
