namespace Virtap.Binaries.Elf;

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
