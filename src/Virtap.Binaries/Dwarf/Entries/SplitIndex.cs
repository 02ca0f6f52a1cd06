using Virtap.Binaries.Dwarf.Forms;
using Virtap.Binaries.Elf;

namespace Virtap.Binaries.Dwarf.Entries;

/// <summary>
/// The table of a package of split units (<c>.debug_cu_index</c>, <c>.debug_tu_index</c>): which part of each section belongs to a unit
/// (DWARF 5, 7.3.5; GNU's before it is the same but for the numbers of sections).
/// </summary>
internal sealed class SplitIndex
{
    private const int Info = 1, Types = 2, Abbreviations = 3, Lines = 4, Locations = 5, StringOffsets = 6, RangeLists = 8;
    private const int MaxSections = 16;

    private readonly Dictionary<int, Dictionary<int, (ulong Start, ulong Length)>> _rows = [];
    private readonly int _version;

    private SplitIndex(int version) => _version = version;

    /// <summary>Reads a table; null where the file has none.</summary>
    public static SplitIndex? Read(ElfFile file, string name)
    {
        DwarfSection section = DwarfSection.Find(file, name);
        if (section.Length == 0)
            return null;
        var reader = new DwarfReader(section.Bytes);
        int version = (int)reader.Fixed(4) & 0xffff;
        ulong columns = reader.Fixed(4), rows = reader.Fixed(4), slots = reader.Fixed(4);
        var index = new SplitIndex(version);
        ulong bytes = (slots * 12) + (columns * 4) + (columns * rows * 8);
        if (version is not (2 or 5) || columns is 0 or > MaxSections || bytes > (ulong)section.Length)
            return index;
        reader.Skip(slots * 12);
        var kinds = new int[columns];
        foreach (ref int kind in kinds.AsSpan())
            kind = (int)reader.Fixed(4);
        var offsets = new DwarfReader(section.Bytes, reader.Position);
        reader.Skip(columns * rows * 4);
        for (ulong row = 0; row < rows; row++)
        {
            Dictionary<int, (ulong, ulong)> parts = [];
            foreach (int kind in kinds)
                parts[kind] = (offsets.Fixed(4), reader.Fixed(4));
            if (parts.TryGetValue(Info, out (ulong Start, ulong) own) || parts.TryGetValue(Types, out own))
                index._rows.TryAdd((int)Math.Min(own.Start, int.MaxValue), parts);
        }

        return index;
    }

    /// <summary>The sections of the unit at an offset; null where the table has none there.</summary>
    public UnitSections? SectionsAt(int offset, UnitSections whole)
    {
        if (!_rows.TryGetValue(offset, out Dictionary<int, (ulong Start, ulong Length)>? parts))
            return null;
        return new UnitSections(
            Part(Abbreviations, whole.Abbreviations), Part(StringOffsets, whole.StringOffsets), Part(Lines, whole.Lines),
            Part(Locations, whole.LocationLists), _version == 5 ? Part(RangeLists, whole.RangeLists) : whole.RangeLists,
            Part(Locations, whole.Locations));

        DwarfSection Part(int kind, DwarfSection section) =>
            parts.TryGetValue(kind, out (ulong Start, ulong Length) part) ? section.Slice(part.Start, part.Length) : section;
    }
}
