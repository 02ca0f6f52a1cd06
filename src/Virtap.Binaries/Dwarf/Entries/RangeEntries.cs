using Virtap.Binaries.Dwarf.Forms;

namespace Virtap.Binaries.Dwarf.Entries;

/// <summary>Link-time addresses from <paramref name="Start"/> up to but not including <paramref name="End"/>.</summary>
public readonly record struct AddressRange(ulong Start, ulong End)
{
    /// <summary>Whether an address is one of them.</summary>
    public bool Contains(ulong address) => address - Start < End - Start && End > Start;
}

/// <summary>
/// The entries that range lists and location lists of DWARF 5 have in common (7.25, 7.29): ranges of addresses, and what others are
/// counted from.
/// </summary>
internal struct RangeEntries(DwarfUnit unit)
{
    /// <summary>Kinds of entries, as range lists number them.</summary>
    public const int EndOfList = 0, BaseIndex = 1, StartEndIndexed = 2, StartLengthIndexed = 3, OffsetPair = 4, BaseAddress = 5,
        StartEnd = 6, StartLength = 7;

    private readonly int _addressSize = unit.Format.AddressSize;

    private ulong _base = unit.LowPc;

    /// <summary>Reads what follows an entry's kind, which is one of those after <see cref="EndOfList"/>.</summary>
    /// <returns>The range; null for an entry that only says what others are counted from.</returns>
    public AddressRange? Read(int kind, ref DwarfReader reader)
    {
        ulong start;
        switch (kind)
        {
            case BaseIndex:
                _base = unit.AddressAt(reader.Unsigned());
                return null;
            case BaseAddress:
                _base = reader.Fixed(_addressSize);
                return null;
            case StartEndIndexed:
                return new AddressRange(unit.AddressAt(reader.Unsigned()), unit.AddressAt(reader.Unsigned()));
            case StartLengthIndexed:
                start = unit.AddressAt(reader.Unsigned());
                return new AddressRange(start, start + reader.Unsigned());
            case OffsetPair:
                return new AddressRange(_base + reader.Unsigned(), _base + reader.Unsigned());
            case StartEnd:
                return new AddressRange(reader.Fixed(_addressSize), reader.Fixed(_addressSize));
            case StartLength:
                start = reader.Fixed(_addressSize);
                return new AddressRange(start, start + reader.Unsigned());
            default:
                throw new ArgumentOutOfRangeException(nameof(kind));
        }
    }
}
