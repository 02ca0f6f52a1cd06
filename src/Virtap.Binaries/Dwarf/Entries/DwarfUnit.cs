using Virtap.Binaries.Dwarf.Forms;

namespace Virtap.Binaries.Dwarf.Entries;

/// <summary>What a unit is (DWARF 5, 7.5.1); of earlier versions, what its section and its first entry say.</summary>
internal enum DwarfUnitKind : byte
{
    Compile = 1,
    Type = 2,
    Partial = 3,
    Skeleton = 4,
    SplitCompile = 5,
    SplitType = 6,
}

/// <summary>A unit of debug information: mostly what was made of one source file.</summary>
internal sealed class DwarfUnit
{
    private const int EncodedBaseHeader4 = 8, EncodedBaseHeader8 = 16;

    private readonly ulong _abbreviationsOffset;
    private Lazy<DwarfUnit?>? _split;

    private readonly UnitHeader _header;

    private DwarfUnit(DwarfFile file, DwarfSection section, UnitSections sections, int offset, int end, UnitHeader header)
    {
        (File, Section, Sections, Offset, End, _header) = (file, section, sections, offset, end, header);
        (Kind, Format, _abbreviationsOffset, Id, FirstEntry, TypeOffset) = header;
    }

    /// <summary>The file that has it.</summary>
    public DwarfFile File { get; }

    /// <summary>The section that it stands in: <c>.debug_info</c> or <c>.debug_types</c>.</summary>
    public DwarfSection Section { get; }

    /// <summary>The other sections, as far as they are its own.</summary>
    public UnitSections Sections { get; }

    /// <summary>Its header's place in the section.</summary>
    public int Offset { get; }

    /// <summary>Behind it.</summary>
    public int End { get; }

    public DwarfUnitKind Kind { get; }

    public UnitFormat Format { get; }

    /// <summary>The signature of a type, or what a skeleton and its split unit share; null where the header has none.</summary>
    public ulong? Id { get; }

    /// <summary>Where its first entry begins.</summary>
    public int FirstEntry { get; }

    /// <summary>Of a type unit: where the type is, from the header on.</summary>
    public ulong TypeOffset { get; }

    /// <summary>Of a split unit: the one in the program, which has the addresses.</summary>
    public DwarfUnit? Skeleton { get; init; }

    /// <summary>The shapes of its entries.</summary>
    public AbbreviationTable Abbreviations => field ??= File.AbbreviationsAt(Sections.Abbreviations, _abbreviationsOffset, Format);

    /// <summary>The entry that all others belong to; null in a damaged unit.</summary>
    public DwarfEntry? Top => TryEntry(FirstEntry, out DwarfEntry entry, out _) ? entry : null;

    /// <summary>The source file that it was made of.</summary>
    public string Name => field ??= Top?.Name ?? "";

    /// <summary>Whether it was written in C++, of whichever year (DWARF 5, table 7.17).</summary>
    public bool IsCPlusPlus => _isCPlusPlus ??= Top?.Find(DwarfAttribute.Language)?.Constant is 4 or 0x19 or 0x1a or 0x21 or 0x2b or 0x3a;

    /// <summary>Where the compiler ran.</summary>
    public string Directory => field ??= (Top?.Find(DwarfAttribute.CompilationDirectory)
        ?? Skeleton?.Top?.Find(DwarfAttribute.CompilationDirectory))?.Text ?? "";

    /// <summary>Its code, where that is one piece: what offsets in its lists of ranges and locations are from.</summary>
    public ulong LowPc => _lowPc ??= (Skeleton ?? this).Top?.Find(DwarfAttribute.LowPc)?.Address ?? 0;

    /// <summary>The unit that has the entries: itself, or the one in a separate file that it is the skeleton of.</summary>
    public DwarfUnit Full => (_split ??= new Lazy<DwarfUnit?>(() => File.OpenSplit(this))).Value ?? this;

    private ulong? _lowPc;
    private bool? _isCPlusPlus;
    private ulong? _addressBase, _stringOffsetsBase;

    private ulong AddressBase => _addressBase ??=
        ((Skeleton ?? this).BaseOf(DwarfAttribute.AddressBase) ?? (Skeleton ?? this).BaseOf(DwarfAttribute.GnuAddressBase)) ?? 0;

    private ulong StringOffsetsBase => _stringOffsetsBase ??= BaseOf(DwarfAttribute.StringOffsetsBase)
        ?? (Format.Version >= 5 && Kind is DwarfUnitKind.SplitCompile or DwarfUnitKind.SplitType ? HeaderOfOffsets : 0);

    private ulong HeaderOfOffsets => (ulong)(Format.OffsetSize == 8 ? EncodedBaseHeader8 : EncodedBaseHeader4);

    /// <summary>Reads a unit's header.</summary>
    /// <param name="file">The file.</param>
    /// <param name="section">The section.</param>
    /// <param name="sections">The other sections, for a unit at this offset.</param>
    /// <param name="offset">The header's place; becomes the next one's.</param>
    /// <returns>Null where the unit is of a version that is not known.</returns>
    public static DwarfUnit? Read(DwarfFile file, DwarfSection section, UnitSections sections, ref int offset)
    {
        int start = offset;
        ReadOnlySpan<byte> bytes = section.Bytes;
        var reader = new DwarfReader(bytes, offset);
        ulong length = reader.UnitLength(out int offsetSize);
        int end = (int)Math.Min(length, (ulong)(bytes.Length - reader.Position)) + reader.Position;
        offset = end;
        int version = (int)reader.Fixed(2);
        if (version is < 2 or > 5)
            return null;
        var kind = DwarfUnitKind.Compile;
        ulong abbreviations, addressSize;
        if (version == 5)
        {
            kind = (DwarfUnitKind)reader.Byte();
            addressSize = reader.Byte();
            abbreviations = reader.Fixed(offsetSize);
        }
        else
        {
            abbreviations = reader.Fixed(offsetSize);
            addressSize = reader.Byte();
            if (section == file.Types)
                kind = DwarfUnitKind.Type;
        }

        if (addressSize is not (4 or 8))
            return null;
        bool isType = kind is DwarfUnitKind.Type or DwarfUnitKind.SplitType;
        ulong? id = isType || kind is DwarfUnitKind.Skeleton or DwarfUnitKind.SplitCompile ? reader.Fixed(8) : null;
        ulong typeOffset = isType ? reader.Fixed(offsetSize) : 0;
        var header = new UnitHeader(
            kind, new UnitFormat(version, offsetSize, (int)addressSize), abbreviations, id, reader.Position, typeOffset);
        return new DwarfUnit(file, section, sections, start, end, header);
    }

    /// <summary>The same split unit, which takes addresses from its skeleton.</summary>
    public DwarfUnit Of(DwarfUnit skeleton) => new(File, Section, Sections, Offset, End, _header) { Skeleton = skeleton };

    /// <summary>The entry at an offset of the section; null where there is none within this unit.</summary>
    public DwarfEntry? EntryAt(ulong offset) =>
        offset >= (ulong)FirstEntry && offset < (ulong)End && TryEntry((int)offset, out DwarfEntry entry, out _) ? entry : null;

    /// <summary>Reads the code of an entry.</summary>
    /// <param name="offset">Its place in the section.</param>
    /// <param name="entry">The entry.</param>
    /// <param name="behindCode">Where its attributes, or what follows, begins.</param>
    /// <returns>False at the end of a list of children, and where the code is not known.</returns>
    public bool TryEntry(int offset, out DwarfEntry entry, out int behindCode)
    {
        var reader = new DwarfReader(Section.Bytes[..End], offset);
        ulong code = reader.Unsigned();
        behindCode = Math.Max(reader.Position, offset + 1);
        bool found = Abbreviations.Find(code) is not null;
        entry = found ? new DwarfEntry(this, offset, Abbreviations.Find(code)!, reader.Position) : default;
        return found;
    }

    /// <summary>Reads a value.</summary>
    public DwarfValue Read(ref DwarfReader reader, in AttributeSpec spec)
    {
        DwarfForm form = spec.Form;
        if (form == DwarfForm.Indirect)
            form = (DwarfForm)reader.Unsigned();
        int start = reader.Position;
        int size = Format.SizeOf(form);
        switch (form)
        {
            case DwarfForm.ImplicitConst:
                return new DwarfValue(this, form, (ulong)spec.Implicit, 0, 0);
            case DwarfForm.FlagPresent:
                return new DwarfValue(this, form, 1, 0, 0);
            case DwarfForm.Data16:
                ReadOnlySpan<byte> wide = reader.Bytes(size);
                return new DwarfValue(this, form, 0, start, wide.Length);
            case DwarfForm.SignedData:
                return new DwarfValue(this, form, (ulong)reader.Signed(), 0, 0);
            case DwarfForm.String:
                int length = reader.Text().Length;
                return new DwarfValue(this, form, 0, start, length);
            case var _ when size >= 0:
                return new DwarfValue(this, form, reader.Fixed(size), 0, 0);
            case DwarfForm.Block or DwarfForm.Expression or DwarfForm.Block1 or DwarfForm.Block2 or DwarfForm.Block4:
                ulong count = LengthOfBlock(ref reader, form);
                start = reader.Position;
                int bytes = reader.Bytes((int)Math.Min(count, int.MaxValue)).Length;
                return new DwarfValue(this, form, 0, bytes == 0 ? 0 : start, bytes);
            default:
                return new DwarfValue(this, form, reader.Unsigned(), 0, 0);
        }
    }

    /// <summary>Goes on behind a value.</summary>
    public void Skip(ref DwarfReader reader, DwarfForm form)
    {
        if (form == DwarfForm.Indirect)
            form = (DwarfForm)reader.Unsigned();
        int size = Format.SizeOf(form);
        if (size >= 0)
            reader.Skip((ulong)size);
        else if (form == DwarfForm.String)
            reader.Text();
        else if (form is DwarfForm.Block or DwarfForm.Expression or DwarfForm.Block1 or DwarfForm.Block2 or DwarfForm.Block4)
            reader.Skip(LengthOfBlock(ref reader, form));
        else
            reader.Unsigned();
    }

    /// <summary>An address of <c>.debug_addr</c>.</summary>
    public ulong AddressAt(ulong index)
    {
        DwarfUnit owner = Skeleton ?? this;
        return owner.File.Addresses is { } table
            && TryIndex(AddressBase, index, Format.AddressSize, table.Length, out int at)
            ? new DwarfReader(table.Bytes, at).Fixed(Format.AddressSize) : 0;
    }

    /// <summary>An offset of <c>.debug_str_offsets</c>.</summary>
    public ulong StringOffsetAt(ulong index) =>
        TryIndex(StringOffsetsBase, index, Format.OffsetSize, Sections.StringOffsets.Length, out int at)
            ? new DwarfReader(Sections.StringOffsets.Bytes, at).Fixed(Format.OffsetSize) : ulong.MaxValue;

    /// <summary>Where a list begins whose index an attribute has (DWARF 5, 7.28 and 7.29).</summary>
    /// <param name="index">The index.</param>
    /// <param name="lists"><c>.debug_loclists</c> or <c>.debug_rnglists</c>.</param>
    /// <param name="baseAttribute">What says where this unit's offsets begin.</param>
    public ulong ListAt(ulong index, DwarfSection lists, DwarfAttribute baseAttribute)
    {
        // A split unit's offsets begin behind the section's header: length, version, address and selector size, count.
        ulong start = BaseOf(baseAttribute) ?? (ulong)(Format.OffsetSize == 8 ? 20 : 12);
        return TryIndex(start, index, Format.OffsetSize, lists.Length, out int at)
            ? start + new DwarfReader(lists.Bytes, at).Fixed(Format.OffsetSize) : ulong.MaxValue;
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Name} (0x{Offset:x})";

    private static bool TryIndex(ulong start, ulong index, int size, int length, out int at)
    {
        bool isIn = index <= int.MaxValue && start <= int.MaxValue && start + (index * (ulong)size) + (ulong)size <= (ulong)length;
        at = isIn ? (int)(start + (index * (ulong)size)) : 0;
        return isIn;
    }

    private static ulong LengthOfBlock(ref DwarfReader reader, DwarfForm form) => form switch
    {
        DwarfForm.Block1 => reader.Fixed(1),
        DwarfForm.Block2 => reader.Fixed(2),
        DwarfForm.Block4 => reader.Fixed(4),
        _ => reader.Unsigned(),
    };

    private ulong? BaseOf(DwarfAttribute attribute) => Top?.Find(attribute)?.Number;

    private readonly record struct UnitHeader(
        DwarfUnitKind Kind, UnitFormat Format, ulong Abbreviations, ulong? Id, int FirstEntry, ulong TypeOffset);
}

/// <summary>
/// The sections that a unit has for itself in a package of split units, and shares with the file's other units elsewhere.
/// </summary>
internal sealed record UnitSections(
    DwarfSection Abbreviations, DwarfSection StringOffsets, DwarfSection Lines, DwarfSection LocationLists, DwarfSection RangeLists,
    DwarfSection Locations);
