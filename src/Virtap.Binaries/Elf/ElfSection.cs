using System.Text;

namespace Virtap.Binaries.Elf;

/// <summary>A section header. Its name is decoded when it is asked for.</summary>
public sealed class ElfSection
{
    private readonly ElfFile _file;
    private readonly uint _name;

    internal ElfSection(ElfFile file, int index, ReadOnlySpan<byte> header)
    {
        _file = file;
        Index = index;
        _name = ElfImage.Word(header, 0);
        Type = (ElfSectionType)ElfImage.Word(header, 4);
        Flags = ElfImage.Long(header, 8);
        Address = ElfImage.Long(header, 16);
        Offset = ElfImage.Long(header, 24);
        Size = ElfImage.Long(header, 32);
        Link = ElfImage.Word(header, 40);
        Info = ElfImage.Word(header, 44);
        Alignment = ElfImage.Long(header, 48);
        EntrySize = ElfImage.Long(header, 56);
    }

    /// <summary>The section's place in the table, from 0.</summary>
    public int Index { get; }

    /// <summary>The name, such as <c>.text</c>; empty where the file has none for it.</summary>
    public string Name => field ??= Encoding.UTF8.GetString(NameUtf8);

    /// <summary>The name's bytes.</summary>
    public ReadOnlySpan<byte> NameUtf8 => _file.SectionName(_name);

    public ElfSectionType Type { get; }

    /// <summary><c>SHF_WRITE</c> 1, <c>SHF_ALLOC</c> 2, <c>SHF_EXECINSTR</c> 4, <c>SHF_COMPRESSED</c> 0x800, ...</summary>
    public ulong Flags { get; }

    /// <summary>Whether it holds code (SHF_EXECINSTR).</summary>
    public bool IsExecutable => (Flags & 4) != 0;

    /// <summary>Link-time address; 0 for a section that is not loaded.</summary>
    public ulong Address { get; }

    /// <summary>First byte in the file.</summary>
    public ulong Offset { get; }

    /// <summary>Bytes, in the file or (<see cref="ElfSectionType.NoBits"/>) only in memory.</summary>
    public ulong Size { get; }

    /// <summary>Another section that this one needs: the strings of a symbol table, the symbols of relocations.</summary>
    public uint Link { get; }

    /// <summary>More, by type.</summary>
    public uint Info { get; }

    /// <summary>Alignment of its first byte; 0 and 1 are none.</summary>
    public ulong Alignment { get; }

    /// <summary>Bytes of an entry, where the section is a table.</summary>
    public ulong EntrySize { get; }

    /// <summary>Whether the section is part of the running program.</summary>
    public bool IsLoaded => (Flags & 2) != 0;

    /// <summary>Whether an address lies in this section of the running program.</summary>
    public bool Contains(ulong address) => IsLoaded && address - Address < Size;

    /// <inheritdoc/>
    public override string ToString() => $"[{Index}] {Name}";
}

/// <summary>The types of sections that Virtap looks at (<c>sh_type</c>); others keep their number.</summary>
public enum ElfSectionType : uint
{
    Null = 0,
    ProgramBits = 1,
    SymbolTable = 2,
    StringTable = 3,
    RelocationsWithAddend = 4,
    Hash = 5,
    Dynamic = 6,
    Note = 7,

    /// <summary>Memory without bytes in the file, such as <c>.bss</c>.</summary>
    NoBits = 8,
    DynamicSymbols = 11,

    /// <summary><c>SHT_RELR</c>: addresses of relative relocations, packed as bit maps.</summary>
    PackedRelocations = 19,
    GnuHash = 0x6ffffff6,
}
