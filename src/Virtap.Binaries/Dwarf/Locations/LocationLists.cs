using Virtap.Binaries.Dwarf.Entries;
using Virtap.Binaries.Dwarf.Forms;

namespace Virtap.Binaries.Dwarf.Locations;

/// <summary>Lists of places, each for a range of addresses (DWARF 5, 7.7.3; DWARF 4, 2.6.2; GNU's of split units between them).</summary>
internal static class LocationLists
{
    private const int MaxEntries = 1 << 16;

    /// <summary>Kinds of entries that range lists have none of; the others behind the first are numbered one higher here.</summary>
    private const int Default = 5, ViewPair = 9;

    /// <summary>The expression that holds at an address; empty where none does.</summary>
    public static ReadOnlySpan<byte> Find(DwarfUnit unit, DwarfValue list, ulong address)
    {
        if (unit.Format.Version >= 5)
            return FindIn(unit, list, address);
        return unit.Skeleton is null ? FindOld(unit, list.Number, address) : FindSplit(unit, list.Number, address);
    }

    private static ReadOnlySpan<byte> FindIn(DwarfUnit unit, DwarfValue list, ulong address)
    {
        DwarfSection section = unit.Sections.LocationLists;
        ulong offset = list.Form == DwarfForm.LocationListIndex
            ? unit.ListAt(list.Number, section, DwarfAttribute.LocationListsBase) : list.Number;
        if (offset >= (ulong)section.Length)
            return default;
        var reader = new DwarfReader(section.Bytes, (int)offset);
        ReadOnlySpan<byte> otherwise = default;
        var entries = new RangeEntries(unit);
        for (int n = 0; n < MaxEntries && !reader.AtEnd; n++)
        {
            int kind = reader.Byte();
            switch (kind)
            {
                case RangeEntries.EndOfList or > ViewPair:
                    return otherwise;
                case Default:
                    otherwise = Expression(ref reader);
                    break;
                case ViewPair:
                    reader.Unsigned();
                    reader.Unsigned();
                    break;
                default:
                    if (entries.Read(kind < Default ? kind : kind - 1, ref reader) is not { } range)
                        break;
                    ReadOnlySpan<byte> expression = Expression(ref reader);
                    if (range.Contains(address))
                        return expression;
                    break;
            }
        }

        return otherwise;
    }

    private static ReadOnlySpan<byte> Expression(scoped ref DwarfReader reader) =>
        reader.Bytes((int)Math.Min(reader.Unsigned(), int.MaxValue));

    private static ReadOnlySpan<byte> FindOld(DwarfUnit unit, ulong offset, ulong address)
    {
        DwarfSection section = unit.Sections.Locations;
        if (offset >= (ulong)section.Length)
            return default;
        var reader = new DwarfReader(section.Bytes, (int)offset);
        int size = unit.Format.AddressSize;
        ulong start = unit.LowPc, escape = size == 8 ? ulong.MaxValue : uint.MaxValue;
        for (int n = 0; n < MaxEntries && !reader.AtEnd; n++)
        {
            ulong from = reader.Fixed(size), to = reader.Fixed(size);
            if (from == 0 && to == 0)
                break;
            if (from == escape)
            {
                start = to;
                continue;
            }

            ReadOnlySpan<byte> expression = reader.Bytes((int)reader.Fixed(2));
            if (address >= start + from && address < start + to)
                return expression;
        }

        return default;
    }

    private static ReadOnlySpan<byte> FindSplit(DwarfUnit unit, ulong offset, ulong address)
    {
        DwarfSection section = unit.Sections.Locations;
        if (offset >= (ulong)section.Length)
            return default;
        var reader = new DwarfReader(section.Bytes, (int)offset);
        var entries = new RangeEntries(unit);
        for (int n = 0; n < MaxEntries && !reader.AtEnd; n++)
        {
            int kind = reader.Byte();
            if (kind is RangeEntries.EndOfList or > RangeEntries.StartLengthIndexed)
                break;
            AddressRange? range = kind == RangeEntries.StartLengthIndexed
                ? OfFixedLength(unit, ref reader)
                : entries.Read(kind, ref reader);
            if (range is null)
                continue;
            ReadOnlySpan<byte> expression = reader.Bytes((int)reader.Fixed(2));
            if (range.Value.Contains(address))
                return expression;
        }

        return default;
    }

    private static AddressRange OfFixedLength(DwarfUnit unit, ref DwarfReader reader)
    {
        ulong start = unit.AddressAt(reader.Unsigned());
        return new AddressRange(start, start + reader.Fixed(4));
    }
}
