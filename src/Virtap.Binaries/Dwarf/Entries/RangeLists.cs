using Virtap.Binaries.Dwarf.Forms;

namespace Virtap.Binaries.Dwarf.Entries;

/// <summary>Which addresses an entry's code has: one range, or a list of them (DWARF 5, 2.17).</summary>
internal static class RangeLists
{
    private const int MaxRanges = 1 << 16;

    /// <summary>The addresses of an entry; none where it has no code.</summary>
    public static IReadOnlyList<AddressRange> Of(DwarfEntry entry)
    {
        if (entry.Find(DwarfAttribute.LowPc)?.Address is ulong low && entry.Find(DwarfAttribute.HighPc) is { } high)
            return [new AddressRange(low, high.Address ?? low + (ulong)(high.Constant ?? 0))];
        return entry.Find(DwarfAttribute.Ranges) is { } list ? Read(entry.Unit, list) : [];
    }

    /// <summary>The first address of an entry's code: where it is entered. Null where it has none.</summary>
    public static ulong? EntryOf(DwarfEntry entry)
    {
        if (entry.Find(DwarfAttribute.EntryPc) is { } at)
            return at.Address ?? (StartOf(entry) is ulong start ? start + (ulong)(at.Constant ?? 0) : null);
        return StartOf(entry);
    }

    private static ulong? StartOf(DwarfEntry entry) =>
        entry.Find(DwarfAttribute.LowPc)?.Address ?? (Of(entry) is [{ } first, ..] ? first.Start : null);

    private static List<AddressRange> Read(DwarfUnit unit, DwarfValue list) =>
        unit.Format.Version >= 5 ? ReadLists(unit, list) : ReadOld(unit, list.Number);

    private static List<AddressRange> ReadLists(DwarfUnit unit, DwarfValue list)
    {
        DwarfSection section = unit.Sections.RangeLists;
        ulong offset = list.Form == DwarfForm.RangeListIndex
            ? unit.ListAt(list.Number, section, DwarfAttribute.RangeListsBase) : list.Number;
        List<AddressRange> ranges = [];
        if (offset >= (ulong)section.Length)
            return ranges;
        var reader = new DwarfReader(section.Bytes, (int)offset);
        var entries = new RangeEntries(unit);
        while (!reader.AtEnd && ranges.Count < MaxRanges)
        {
            int kind = reader.Byte();
            if (kind is RangeEntries.EndOfList or > RangeEntries.StartLength)
                break;
            if (entries.Read(kind, ref reader) is { } range && range.End > range.Start)
                ranges.Add(range);
        }

        return ranges;
    }

    private static List<AddressRange> ReadOld(DwarfUnit unit, ulong offset)
    {
        // GNU's split units count from a place that the skeleton tells.
        offset += unit.Skeleton?.Top?.Find(DwarfAttribute.GnuRangesBase)?.Number ?? 0;
        DwarfSection section = (unit.Skeleton ?? unit).File.Ranges;
        List<AddressRange> ranges = [];
        if (offset >= (ulong)section.Length)
            return ranges;
        var reader = new DwarfReader(section.Bytes, (int)offset);
        int size = unit.Format.AddressSize;
        ulong start = unit.LowPc, escape = size == 8 ? ulong.MaxValue : uint.MaxValue;
        while (!reader.AtEnd && ranges.Count < MaxRanges)
        {
            ulong from = reader.Fixed(size), to = reader.Fixed(size);
            if (from == 0 && to == 0)
                break;
            if (from == escape)
                start = to;
            else if (to > from)
                ranges.Add(new AddressRange(start + from, start + to));
        }

        return ranges;
    }
}
