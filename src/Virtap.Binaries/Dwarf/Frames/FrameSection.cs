using Virtap.Binaries.Dwarf.Entries;
using Virtap.Binaries.Dwarf.Forms;
using Virtap.Binaries.Elf;

namespace Virtap.Binaries.Dwarf.Frames;

/// <summary>The bytes of call frame information, and where they lie when the program runs.</summary>
internal sealed class FrameSection
{
    /// <summary>DW_EH_PE_omit: there is no such pointer.</summary>
    public const int NoPointer = 0xff;

    private readonly ElfFile? _file;
    private readonly DwarfSection _section;

    private FrameSection(ElfFile? file, DwarfSection section, ulong address, bool isEh)
    {
        (_file, _section, Address, IsEh) = (file, section, address, isEh);
    }

    /// <summary>Link-time address of the first byte; 0 for <c>.debug_frame</c>, which is not loaded.</summary>
    public ulong Address { get; }

    /// <summary>Whether it is <c>.eh_frame</c>, whose entries differ from <c>.debug_frame</c>'s.</summary>
    public bool IsEh { get; }

    public ReadOnlySpan<byte> Bytes => _file is null ? _section.Bytes : _file.BytesAt(Address, int.MaxValue);

    /// <summary>A section of the file: <c>.debug_frame</c> of a file with debug information, <c>.eh_frame</c> of a program.</summary>
    /// <exception cref="ElfFormatException">It is damaged, or compressed in a way that is not supported.</exception>
    public static FrameSection OfSection(ElfFile file, string name, ulong address, bool isEh) =>
        new(null, DwarfSection.Find(file, name), address, isEh);

    /// <summary><c>.eh_frame</c> of a file without section headers: from an address to the end of its segment.</summary>
    public static FrameSection OfAddress(ElfFile file, ulong address) => new(file, DwarfSection.Empty, address, isEh: true);

    /// <summary>A pointer as <c>.eh_frame</c> encodes them (LSB, 10.5.1): a format, and what it is relative to.</summary>
    /// <param name="reader">Stands at it.</param>
    /// <param name="encoding">The encoding.</param>
    /// <param name="addressSize">Bytes of an address.</param>
    /// <param name="function">What pointers relative to a function are relative to.</param>
    public ulong ReadPointer(ref DwarfReader reader, int encoding, int addressSize, ulong function = 0)
    {
        ulong here = Address + (ulong)reader.Position;
        return ReadPointer(ref reader, encoding, addressSize, here, data: Address, function);
    }

    /// <summary>The same, of another table than this one.</summary>
    /// <param name="reader">Stands at it.</param>
    /// <param name="encoding">The encoding.</param>
    /// <param name="addressSize">Bytes of an address.</param>
    /// <param name="here">Link-time address of the pointer itself.</param>
    /// <param name="data">What pointers relative to data are relative to.</param>
    /// <param name="function">What pointers relative to a function are relative to.</param>
    public static ulong ReadPointer(ref DwarfReader reader, int encoding, int addressSize, ulong here, ulong data, ulong function)
    {
        if (encoding == NoPointer)
            return 0;
        ulong value = (encoding & 0x0f) switch
        {
            0x01 => reader.Unsigned(),
            0x02 => reader.Fixed(2),
            0x03 => reader.Fixed(4),
            0x09 => (ulong)reader.Signed(),
            0x0a => (ulong)(short)reader.Fixed(2),
            0x0b => (ulong)(int)reader.Fixed(4),
            0x04 or 0x0c => reader.Fixed(8),
            _ => reader.Fixed(addressSize),
        };
        return (encoding & 0x70) switch
        {
            0x10 => here + value,
            0x30 => data + value,
            0x40 => function + value,
            _ => value,
        };
    }
}
