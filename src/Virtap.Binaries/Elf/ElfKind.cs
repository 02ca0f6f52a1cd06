namespace Virtap.Binaries.Elf;

/// <summary>What an ELF file is (<c>e_type</c>).</summary>
public enum ElfKind
{
    /// <summary>None of the others (<c>ET_NONE</c>, or a value of an operating system).</summary>
    Other = 0,

    /// <summary>An object file, not linked yet: its addresses are offsets into sections.</summary>
    Relocatable = 1,

    /// <summary>A program that runs at its link-time addresses.</summary>
    Executable = 2,

    /// <summary>A shared library, or a position-independent executable: it runs anywhere.</summary>
    SharedObject = 3,

    /// <summary>A dump of a process.</summary>
    Core = 4,
}
