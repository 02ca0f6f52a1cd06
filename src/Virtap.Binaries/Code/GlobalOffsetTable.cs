using System.Buffers.Binary;
using Virtap.Binaries.Elf;

namespace Virtap.Binaries.Code;

/// <summary>
/// The words by which code reaches what may lie in another file, and what the dynamic linker writes to them: the global offset table and
/// the table of library functions. Code of x86-64 reaches the program's own variables without them, code of AArch64 goes through them.
/// </summary>
internal sealed class GlobalOffsetTable(ElfFile file)
{
    private const int EntrySize = 24;

    private readonly (ulong Start, ulong Length) _offsets = FindOffsets(file);
    private Dictionary<ulong, uint>? _symbols;

    /// <summary>The name of the symbol whose address is in a word; null where it has none.</summary>
    public string? NameIn(ulong word) => TryFindSymbol(word, out ElfSymbol symbol) ? symbol.Name : null;

    /// <summary>The link-time address that a word of the global offset table has of something in this file; null for any other.</summary>
    public ulong? AddressIn(ulong word)
    {
        if (word - _offsets.Start >= _offsets.Length)
            return null;
        if (TryFindSymbol(word, out ElfSymbol symbol))
            return symbol.IsDefined && symbol.Kind != ElfSymbolKind.IndirectFunction ? symbol.Address : null;
        return file.Relocations.TryFind(word, out ElfRelocation relocation) && relocation.Kind == ElfRelocationKind.Relative
            ? (ulong)relocation.Addend : null;
    }

    /// <summary>The words of the global offset table that have one of some addresses.</summary>
    public IEnumerable<ulong> WordsWith(IReadOnlySet<ulong> addresses)
    {
        for (int n = 0; n < file.Relocations.All.Length; n++)
        {
            ulong word = file.Relocations.All[n].Address;
            if (AddressIn(word) is { } address && addresses.Contains(address))
                yield return word;
        }
    }

    private static (ulong Start, ulong Length) FindOffsets(ElfFile file)
    {
        if (file.FindSection(".got"u8) is { } section)
            return (section.Address, section.Size);

        // Without section headers: what is read-only once the dynamic linker is done with it.
        foreach (ElfSegment segment in file.Segments)
        {
            if (segment.Type == ElfSegmentType.GnuRelro)
                return (segment.Address, segment.MemorySize);
        }

        return (0, 0);
    }

    private bool TryFindSymbol(ulong word, out ElfSymbol symbol)
    {
        bool found = (_symbols ??= Read()).TryGetValue(word, out uint index) && index < file.DynamicSymbols.Count;
        symbol = found ? file.DynamicSymbols[(int)index] : default;
        return found;
    }

    /// <summary>
    /// Of a large program's relocations (QEMU has 120,000) only those few are read that name a symbol: the table of library functions, and
    /// the end of the other, for linkers put relative ones first.
    /// </summary>
    private Dictionary<ulong, uint> Read()
    {
        (uint globalData, uint jumpSlot, uint relative) = file.Architecture == Architecture.X64 ? (6u, 7u, 8u) : (1025u, 1026u, 1027u);
        Dictionary<ulong, uint> symbols = [];
        bool any = false;
        foreach (ElfSection section in file.Sections)
        {
            if (section.Type != ElfSectionType.RelocationsWithAddend || !section.IsLoaded)
                continue;
            any = true;
            ReadOnlySpan<byte> table = file.Contents(section);
            for (int at = table.Length / EntrySize * EntrySize - EntrySize; at >= 0; at -= EntrySize)
            {
                uint type = BinaryPrimitives.ReadUInt32LittleEndian(table[(at + 8)..]);
                if (type == relative)
                    break;
                if (type == globalData || type == jumpSlot)
                    symbols[BinaryPrimitives.ReadUInt64LittleEndian(table[at..])] = BinaryPrimitives.ReadUInt32LittleEndian(
                        table[(at + 12)..]);
            }
        }

        // Without section headers.
        for (int n = 0; !any && n < file.Relocations.All.Length; n++)
        {
            ElfRelocation relocation = file.Relocations.All[n];
            if (relocation.Kind is ElfRelocationKind.GlobalData or ElfRelocationKind.JumpSlot)
                symbols[relocation.Address] = relocation.SymbolIndex;
        }

        return symbols;
    }
}
