using System.Collections.Concurrent;
using Virtap.Binaries.Dwarf.Forms;
using Virtap.Binaries.Elf;

namespace Virtap.Binaries.Dwarf.Entries;

/// <summary>
/// The debug information in one file, read in place. Units are found by their headers; what is in them is read when asked for.
/// </summary>
internal sealed class DwarfFile
{
    private const int MaxText = 1 << 16;

    private readonly string _suffix;
    private readonly bool _isSplit;
    private readonly Func<DwarfUnit, DwarfUnit?> _openSplit;
    private readonly Lazy<DwarfFile?> _alternate;
    private readonly ConcurrentDictionary<(ulong Offset, UnitFormat Format, DwarfSection Section), AbbreviationTable> _abbreviations
        = new();
    private readonly Lazy<DwarfUnit[]> _units;
    private readonly Lazy<Dictionary<ulong, DwarfUnit>> _types;

    /// <summary>Takes a file.</summary>
    /// <param name="file">The file, which stays the caller's.</param>
    /// <param name="openAlternate">Opens the file that entries and texts may lie in that several programs share (dwz).</param>
    /// <param name="openSplit">Finds the unit that a skeleton stands for.</param>
    /// <param name="isSplit">Whether it is a file of split units, whose sections have names of their own.</param>
    public DwarfFile(
        ElfFile file, Func<DwarfFile?>? openAlternate = null, Func<DwarfUnit, DwarfUnit?>? openSplit = null, bool isSplit = false)
    {
        Elf = file;
        _isSplit = isSplit;
        _suffix = isSplit ? ".dwo" : "";
        _openSplit = openSplit ?? (static _ => null);
        _alternate = new Lazy<DwarfFile?>(openAlternate ?? (static () => null));
        Info = Find("info");
        Types = Find("types");
        Strings = Find("str");
        LineStrings = isSplit ? DwarfSection.Empty : Find("line_str");
        Addresses = DwarfSection.Find(file, ".debug_addr");
        Ranges = DwarfSection.Find(file, ".debug_ranges");
        Shared = new UnitSections(
            Find("abbrev"), Find("str_offsets"), Find("line"), Find("loclists"), Find("rnglists"), Find("loc"));
        _units = new Lazy<DwarfUnit[]>(() => [.. ReadUnits(Info), .. ReadUnits(Types)]);
        _types = new Lazy<Dictionary<ulong, DwarfUnit>>(FindTypes);
    }

    /// <summary>The file.</summary>
    public ElfFile Elf { get; }

    public DwarfSection Info { get; }

    /// <summary>Type units of DWARF 4.</summary>
    public DwarfSection Types { get; }

    public DwarfSection Strings { get; }

    public DwarfSection LineStrings { get; }

    public DwarfSection Addresses { get; }

    /// <summary>Lists of ranges before DWARF 5.</summary>
    public DwarfSection Ranges { get; }

    /// <summary>The sections that all units share where the file is no package.</summary>
    public UnitSections Shared { get; }

    /// <summary>The file that several programs share; null where there is none.</summary>
    public DwarfFile? Alternate => _alternate.Value;

    /// <summary>All units in order.</summary>
    public IReadOnlyList<DwarfUnit> Units => _units.Value;

    /// <summary>The entry at an offset of <c>.debug_info</c>; null where there is none.</summary>
    public DwarfEntry? EntryAt(ulong offset)
    {
        int low = 0, high = Units.Count - 1;
        while (low <= high)
        {
            int middle = (low + high) / 2;
            DwarfUnit unit = Units[middle];
            if (unit.Section != Info || offset < (ulong)unit.Offset)
                high = middle - 1;
            else if (offset >= (ulong)unit.End)
                low = middle + 1;
            else
                return unit.EntryAt(offset);
        }

        return null;
    }

    /// <summary>The type of a type unit; null where there is none.</summary>
    public DwarfEntry? TypeBySignature(ulong signature) =>
        _types.Value.TryGetValue(signature, out DwarfUnit? unit) ? unit.EntryAt((ulong)unit.Offset + unit.TypeOffset) : null;

    /// <summary>The shapes of entries at an offset.</summary>
    public AbbreviationTable AbbreviationsAt(DwarfSection section, ulong offset, UnitFormat format) => _abbreviations.GetOrAdd(
        (offset, format, section), static key => AbbreviationTable.Read(key.Section.Bytes, key.Offset, key.Format));

    /// <summary>The unit that a skeleton stands for; null where there is none, or it cannot be opened.</summary>
    public DwarfUnit? OpenSplit(DwarfUnit unit) => _openSplit(unit);

    /// <summary>The text at an offset of a section of texts.</summary>
    public static ReadOnlySpan<byte> TextAt(DwarfSection section, ulong offset)
    {
        if (offset >= (ulong)section.Length)
            return default;
        ReadOnlySpan<byte> rest = section.Bytes[(int)offset..];
        rest = rest[..Math.Min(rest.Length, MaxText)];
        int end = rest.IndexOf((byte)0);
        return end < 0 ? default : rest[..end];
    }

    private DwarfSection Find(string name) => DwarfSection.Find(Elf, $".debug_{name}{_suffix}");

    private List<DwarfUnit> ReadUnits(DwarfSection section)
    {
        List<DwarfUnit> units = [];
        SplitIndex? index = _isSplit ? SplitIndex.Read(Elf, ".debug_cu_index") : null;
        SplitIndex? types = _isSplit ? SplitIndex.Read(Elf, ".debug_tu_index") : null;
        for (int offset = 0; offset < section.Length;)
        {
            UnitSections sections = index?.SectionsAt(offset, Shared) ?? types?.SectionsAt(offset, Shared) ?? Shared;
            if (DwarfUnit.Read(this, section, sections, ref offset) is { } unit)
                units.Add(unit);
        }

        return units;
    }

    private Dictionary<ulong, DwarfUnit> FindTypes()
    {
        Dictionary<ulong, DwarfUnit> types = [];
        foreach (DwarfUnit unit in Units)
        {
            if (unit is { Kind: DwarfUnitKind.Type or DwarfUnitKind.SplitType, Id: ulong signature })
                types.TryAdd(signature, unit);
        }

        return types;
    }
}
