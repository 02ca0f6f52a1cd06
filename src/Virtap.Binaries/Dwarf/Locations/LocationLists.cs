using Virtap.Binaries.Dwarf.Entries;
using Virtap.Binaries.Dwarf.Forms;

namespace Virtap.Binaries.Dwarf.Locations;

/// <summary>Lists of places, each for a range of addresses (DWARF 5, 7.7.3; DWARF 4, 2.6.2; GNU's of split units between them).</summary>
internal static class LocationLists
{
    private const int MaxEntries = 1 << 16;
    private const int BaseIndex = 1, StartEndIndexed = 2, StartLengthIndexed = 3, OffsetPair = 4, Default = 5, BaseAddress = 6,
        StartEnd = 7, StartLength = 8, ViewPair = 9;

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
        ulong start = unit.LowPc;
        int size = unit.Format.AddressSize;
        for (int n = 0; n < MaxEntries && !reader.AtEnd; n++)
        {
            ulong from, to;
            switch (reader.Byte())
            {
                case BaseIndex:
                    start = unit.AddressAt(reader.Unsigned());
                    continue;
                case StartEndIndexed:
                    (from, to) = (unit.AddressAt(reader.Unsigned()), unit.AddressAt(reader.Unsigned()));
                    break;
                case StartLengthIndexed:
                    from = unit.AddressAt(reader.Unsigned());
                    to = from + reader.Unsigned();
                    break;
                case OffsetPair:
                    (from, to) = (start + reader.Unsigned(), start + reader.Unsigned());
                    break;
                case Default:
                    otherwise = Expression(ref reader);
                    continue;
                case BaseAddress:
                    start = reader.Fixed(size);
                    continue;
                case StartEnd:
                    (from, to) = (reader.Fixed(size), reader.Fixed(size));
                    break;
                case StartLength:
                    from = reader.Fixed(size);
                    to = from + reader.Unsigned();
                    break;
                case ViewPair:
                    reader.Unsigned();
                    reader.Unsigned();
                    continue;
                default:
                    return otherwise;
            }

            ReadOnlySpan<byte> expression = Expression(ref reader);
            if (address >= from && address < to)
                return expression;
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
        for (int n = 0; n < MaxEntries && !reader.AtEnd; n++)
        {
            ulong from, to;
            switch (reader.Byte())
            {
                case BaseIndex:
                    reader.Unsigned();
                    continue;
                case StartEndIndexed:
                    (from, to) = (unit.AddressAt(reader.Unsigned()), unit.AddressAt(reader.Unsigned()));
                    break;
                case StartLengthIndexed:
                    from = unit.AddressAt(reader.Unsigned());
                    to = from + reader.Fixed(4);
                    break;
                default:
                    return default;
            }

            ReadOnlySpan<byte> expression = reader.Bytes((int)reader.Fixed(2));
            if (address >= from && address < to)
                return expression;
        }

        return default;
    }
}
