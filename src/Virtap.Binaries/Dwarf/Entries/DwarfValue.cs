using System.Text;
using Virtap.Binaries.Dwarf.Forms;

namespace Virtap.Binaries.Dwarf.Entries;

/// <summary>The value of an attribute, as it is encoded; what it means is asked for.</summary>
/// <param name="Unit">The unit that has it.</param>
/// <param name="Form">How it is encoded.</param>
/// <param name="Number">The value, or an index or an offset that leads to it.</param>
/// <param name="Start">Of a block or a text in the entry itself: its first byte in the unit's section.</param>
/// <param name="Length">How many bytes.</param>
internal readonly record struct DwarfValue(DwarfUnit Unit, DwarfForm Form, ulong Number, int Start, int Length)
{
    /// <summary>Whether it is bytes: an expression, a constant's bytes.</summary>
    public bool IsBlock => Form is DwarfForm.Block or DwarfForm.Block1 or DwarfForm.Block2 or DwarfForm.Block4 or DwarfForm.Expression
        or DwarfForm.Data16;

    /// <summary>The bytes of a block.</summary>
    public ReadOnlySpan<byte> Bytes => Unit.Section.Bytes.Slice(Start, Length);

    /// <summary>Whether it is a flag that is set.</summary>
    public bool IsTrue => Number != 0;

    /// <summary>Whether it leads to a list (of locations, of ranges) rather than being one.</summary>
    public bool IsSectionOffset => Form switch
    {
        DwarfForm.SectionOffset or DwarfForm.LocationListIndex or DwarfForm.RangeListIndex => true,
        DwarfForm.Data4 or DwarfForm.Data8 => Unit.Format.Version < 4,
        _ => false,
    };

    /// <summary>A number; null where it is none.</summary>
    public long? Constant => Form switch
    {
        DwarfForm.Data1 or DwarfForm.Data2 or DwarfForm.Data4 or DwarfForm.Data8 or DwarfForm.UnsignedData or DwarfForm.SignedData
            or DwarfForm.ImplicitConst or DwarfForm.Flag or DwarfForm.FlagPresent => (long)Number,
        _ => null,
    };

    /// <summary>A number whose sign is that of the type it is of: the same bytes mean -1 and 255.</summary>
    public long? SignedConstant => Form switch
    {
        DwarfForm.Data1 => (sbyte)Number,
        DwarfForm.Data2 => (short)Number,
        DwarfForm.Data4 => (int)Number,
        _ => Constant,
    };

    /// <summary>A link-time address; null where it is none.</summary>
    public ulong? Address => Form switch
    {
        DwarfForm.Address => Number,
        DwarfForm.AddressIndex or DwarfForm.AddressIndex1 or DwarfForm.AddressIndex2 or DwarfForm.AddressIndex3
            or DwarfForm.AddressIndex4 or DwarfForm.GnuAddressIndex => Unit.AddressAt(Number),
        _ => null,
    };

    /// <summary>The bytes of a text; none where it is none.</summary>
    public ReadOnlySpan<byte> TextUtf8 => Form switch
    {
        DwarfForm.String => Unit.Section.Bytes.Slice(Start, Length),
        DwarfForm.StringOffset => DwarfFile.TextAt(Unit.File.Strings, Number),
        DwarfForm.LineString => DwarfFile.TextAt(Unit.File.LineStrings, Number),
        DwarfForm.StringSupplementary or DwarfForm.GnuStringAlternate =>
            Unit.File.Alternate is { } alternate ? DwarfFile.TextAt(alternate.Strings, Number) : default,
        DwarfForm.StringIndex or DwarfForm.StringIndex1 or DwarfForm.StringIndex2 or DwarfForm.StringIndex3 or DwarfForm.StringIndex4
            or DwarfForm.GnuStringIndex => DwarfFile.TextAt(Unit.File.Strings, Unit.StringOffsetAt(Number)),
        _ => default,
    };

    /// <summary>A text; empty where it is none.</summary>
    public string Text => Encoding.UTF8.GetString(TextUtf8);

    /// <summary>The entry that it refers to; null where it refers to none.</summary>
    public DwarfEntry? Entry => Form switch
    {
        DwarfForm.Reference1 or DwarfForm.Reference2 or DwarfForm.Reference4 or DwarfForm.Reference8 or DwarfForm.ReferenceUnsigned =>
            Unit.EntryAt((ulong)Unit.Offset + Number),
        DwarfForm.ReferenceAddress => Unit.File.EntryAt(Number),
        DwarfForm.ReferenceSupplementary4 or DwarfForm.ReferenceSupplementary8 or DwarfForm.GnuReferenceAlternate =>
            Unit.File.Alternate?.EntryAt(Number),
        DwarfForm.ReferenceSignature => Unit.File.TypeBySignature(Number),
        _ => null,
    };
}
