namespace Virtap.Binaries.Dwarf.Forms;

/// <summary>An attribute of an abbreviation.</summary>
/// <param name="Name">What it says.</param>
/// <param name="Form">How its value is encoded.</param>
/// <param name="Implicit">The value itself, for <see cref="DwarfForm.ImplicitConst"/>.</param>
internal readonly record struct AttributeSpec(DwarfAttribute Name, DwarfForm Form, long Implicit);

/// <summary>The shape that many entries share.</summary>
/// <param name="Tag">What they are.</param>
/// <param name="HasChildren">Whether entries follow that belong to them.</param>
/// <param name="Attributes">Their attributes in order.</param>
/// <param name="FixedSize">Bytes of all attributes; -1 where that depends on the values.</param>
internal sealed record Abbreviation(DwarfTag Tag, bool HasChildren, AttributeSpec[] Attributes, int FixedSize);

/// <summary>The abbreviations of a unit (DWARF 5, 7.5.3), parsed once for all units of a format that share them.</summary>
internal sealed class AbbreviationTable
{
    private const int MaxDense = 1 << 16;

    private readonly Abbreviation?[] _dense;
    private readonly Dictionary<ulong, Abbreviation> _others = [];

    private AbbreviationTable(List<(ulong Code, Abbreviation Abbreviation)> all)
    {
        ulong greatest = 0;
        foreach ((ulong code, _) in all)
        {
            if (code < MaxDense)
                greatest = Math.Max(greatest, code);
        }

        _dense = new Abbreviation?[greatest + 1];
        foreach ((ulong code, Abbreviation abbreviation) in all)
        {
            RefersToOtherUnits |= abbreviation.Attributes.Any(static spec => spec is
            {
                Name: DwarfAttribute.AbstractOrigin,
                Form: DwarfForm.ReferenceAddress or DwarfForm.GnuReferenceAlternate or DwarfForm.ReferenceSupplementary4
                    or DwarfForm.ReferenceSupplementary8,
            });
            if (code < MaxDense)
                _dense[code] ??= abbreviation;
            else
                _others.TryAdd(code, abbreviation);
        }
    }

    /// <summary>Whether instances of functions may be of functions in other units, or other files.</summary>
    public bool RefersToOtherUnits { get; }

    /// <summary>The abbreviation of a code; null for 0 and for one that there is not.</summary>
    public Abbreviation? Find(ulong code) => code < (ulong)_dense.Length ? _dense[code] : _others.GetValueOrDefault(code);

    /// <summary>Reads a table.</summary>
    /// <param name="section"><c>.debug_abbrev</c>.</param>
    /// <param name="offset">Where the table begins.</param>
    /// <param name="format">The format of the units that use it.</param>
    public static AbbreviationTable Read(ReadOnlySpan<byte> section, ulong offset, UnitFormat format)
    {
        var reader = new DwarfReader(section, offset <= int.MaxValue ? (int)offset : section.Length);
        List<(ulong, Abbreviation)> all = [];
        List<AttributeSpec> attributes = [];
        while (reader.Unsigned() is not 0 and ulong code)
        {
            var tag = (DwarfTag)reader.Unsigned();
            bool hasChildren = reader.Byte() != 0;
            attributes.Clear();
            int size = 0;
            while (!reader.AtEnd)
            {
                var name = (DwarfAttribute)reader.Unsigned();
                var form = (DwarfForm)reader.Unsigned();
                long constant = form == DwarfForm.ImplicitConst ? reader.Signed() : 0;
                if (name == 0 && form == 0)
                    break;
                attributes.Add(new AttributeSpec(name, form, constant));
                int bytes = format.SizeOf(form);
                size = bytes < 0 || size < 0 ? -1 : size + bytes;
            }

            all.Add((code, new Abbreviation(tag, hasChildren, [.. attributes], size)));
        }

        return new AbbreviationTable(all);
    }
}

/// <summary>What of a unit's header says how values are encoded.</summary>
/// <param name="Version">2 to 5.</param>
/// <param name="OffsetSize">Bytes of an offset into a section: 4 or 8.</param>
/// <param name="AddressSize">Bytes of an address of the program.</param>
internal readonly record struct UnitFormat(int Version, int OffsetSize, int AddressSize)
{
    /// <summary>Bytes that a value takes; -1 where that is not said by the form alone.</summary>
    public int SizeOf(DwarfForm form) => form switch
    {
        DwarfForm.FlagPresent or DwarfForm.ImplicitConst => 0,
        DwarfForm.Data1 or DwarfForm.Flag or DwarfForm.Reference1 or DwarfForm.StringIndex1 or DwarfForm.AddressIndex1 => 1,
        DwarfForm.Data2 or DwarfForm.Reference2 or DwarfForm.StringIndex2 or DwarfForm.AddressIndex2 => 2,
        DwarfForm.StringIndex3 or DwarfForm.AddressIndex3 => 3,
        DwarfForm.Data4 or DwarfForm.Reference4 or DwarfForm.StringIndex4 or DwarfForm.AddressIndex4
            or DwarfForm.ReferenceSupplementary4 => 4,
        DwarfForm.Data8 or DwarfForm.Reference8 or DwarfForm.ReferenceSignature or DwarfForm.ReferenceSupplementary8 => 8,
        DwarfForm.Data16 => 16,
        DwarfForm.Address => AddressSize,
        DwarfForm.ReferenceAddress => Version <= 2 ? AddressSize : OffsetSize,
        DwarfForm.StringOffset or DwarfForm.SectionOffset or DwarfForm.LineString or DwarfForm.StringSupplementary
            or DwarfForm.GnuReferenceAlternate or DwarfForm.GnuStringAlternate => OffsetSize,
        _ => -1,
    };
}
