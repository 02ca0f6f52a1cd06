namespace Virtap.Binaries.Elf;

/// <summary>Symbols and relocations.</summary>
public sealed partial class ElfFile
{
    private const long DynamicHash = 4, DynamicStrings = 5, DynamicSymbolsTag = 6, DynamicRela = 7, DynamicRelaSize = 8,
    DynamicStringsSize = 10;
    private const long DynamicPltRelSize = 2, DynamicJumpRel = 23, DynamicRelrSize = 35, DynamicRelr = 36, DynamicGnuHash = 0x6ffffef5;

    /// <summary>The symbols that the dynamic linker works with; empty where the file has none. Found without section headers too.</summary>
    /// <exception cref="ElfFormatException">The table is damaged.</exception>
    public ElfSymbolTable DynamicSymbols =>
        field ??= ReadSymbols(ElfSectionType.DynamicSymbols, OpenHash()) ?? ReadSymbolsOfLinker() ?? NoSymbols();

    /// <summary>All symbols (<c>.symtab</c>); empty where the file was stripped.</summary>
    /// <exception cref="ElfFormatException">The table is damaged.</exception>
    public ElfSymbolTable Symbols => field ??= ReadSymbols(ElfSectionType.SymbolTable, null) ?? NoSymbols();

    /// <summary>The relocations of the dynamic linker, without those of an object file.</summary>
    public ElfRelocationTable Relocations => field ??= ReadRelocations();

    private Dictionary<long, ulong> DynamicEntries => field ??= ReadDynamic();

    private ElfSymbolTable NoSymbols() => new(_image, 0, 0, 0, 0, null);

    private ElfGnuHash? OpenHash() =>
        DynamicEntries.TryGetValue(DynamicGnuHash, out ulong address) ? ElfGnuHash.TryOpen(this, address) : null;

    private ElfSymbolTable? ReadSymbols(ElfSectionType type, ElfGnuHash? hash)
    {
        foreach (ElfSection section in Sections)
        {
            if (section.Type != type)
                continue;
            if (section.EntrySize != ElfSymbolTable.EntrySize)
                throw Damaged($"damaged: symbols of {section.EntrySize} bytes in section {section}");
            if (section.Link >= Sections.Count)
                throw Damaged($"damaged: section {section} has no strings");
            int count = Contents(section).Length / ElfSymbolTable.EntrySize;
            ElfSection strings = Sections[(int)section.Link];
            return new ElfSymbolTable(_image, section.Offset, count, strings.Offset, (ulong)Contents(strings).Length, hash);
        }

        return null;
    }

    /// <summary>The dynamic symbols by way of the dynamic segment, whose hash tables alone tell how many they are.</summary>
    private ElfSymbolTable? ReadSymbolsOfLinker()
    {
        if (!DynamicEntries.TryGetValue(DynamicSymbolsTag, out ulong symbols)
            || !DynamicEntries.TryGetValue(DynamicStrings, out ulong strings)
            || !TryFileOffset(symbols, out ulong symbolsOffset) || !TryFileOffset(strings, out ulong stringsOffset))
            return null;
        ElfGnuHash? hash = OpenHash();
        ulong count = CountByHash() ?? hash?.CountSymbols() ?? 0;
        ulong stringsSize = Math.Min(DynamicEntries.GetValueOrDefault(DynamicStringsSize), _image.Length - stringsOffset);
        count = Math.Min(count, (_image.Length - symbolsOffset) / ElfSymbolTable.EntrySize);
        return new ElfSymbolTable(
            _image, symbolsOffset, (int)Math.Min(count, int.MaxValue / ElfSymbolTable.EntrySize), stringsOffset,
            Math.Min(stringsSize, int.MaxValue), hash);
    }

    private ulong? CountByHash()
    {
        if (!DynamicEntries.TryGetValue(DynamicHash, out ulong hash))
            return null;
        ReadOnlySpan<byte> header = BytesAt(hash, 8);
        return header.Length == 8 ? ElfImage.Word(header, 4) : null;
    }

    private ElfRelocationTable ReadRelocations()
    {
        List<ElfRange> withAddend = [];
        foreach ((long address, long size) in (ReadOnlySpan<(long, long)>)[
            (DynamicRela, DynamicRelaSize), (DynamicJumpRel, DynamicPltRelSize)])
        {
            if (RangeOfLinker(address, size) is ElfRange range && !withAddend.Contains(range))
                withAddend.Add(range);
        }

        return ElfRelocationTable.Read(this, withAddend, RangeOfLinker(DynamicRelr, DynamicRelrSize));
    }

    private ElfRange? RangeOfLinker(long address, long size)
        => DynamicEntries.TryGetValue(address, out ulong start) && TryFileOffset(start, out ulong offset)
            ? new ElfRange(offset, (ulong)BytesAt(start, (int)Math.Min(DynamicEntries.GetValueOrDefault(size), int.MaxValue)).Length)
            : null;

    /// <summary>The dynamic section; of entries that may come more than once, the first.</summary>
    private Dictionary<long, ulong> ReadDynamic()
    {
        Dictionary<long, ulong> entries = [];
        foreach (ElfSegment segment in _segments)
        {
            if (segment.Type != ElfSegmentType.Dynamic)
                continue;
            ReadOnlySpan<byte> table = _image.Cut(segment.Offset, segment.FileSize);
            for (int at = 0; at <= table.Length - 16 && ElfImage.Long(table, at) != 0; at += 16)
                entries.TryAdd((long)ElfImage.Long(table, at), ElfImage.Long(table, at + 8));
        }

        return entries;
    }
}
