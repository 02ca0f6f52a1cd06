namespace Virtap.Binaries.Elf;

/// <summary>A place that the dynamic linker fills in.</summary>
/// <param name="Address">Link-time address of the place.</param>
/// <param name="Kind">What goes there.</param>
/// <param name="SymbolIndex">The symbol in <see cref="ElfFile.DynamicSymbols"/>; 0 where there is none.</param>
/// <param name="Addend">What is added; for <see cref="ElfRelocationKind.Relative"/> the link-time address that the place points to.</param>
public readonly record struct ElfRelocation(ulong Address, ElfRelocationKind Kind, uint SymbolIndex, long Addend);

/// <summary>What the dynamic linker writes to a place, for all processors alike.</summary>
public enum ElfRelocationKind
{
    /// <summary>One of the processor's others.</summary>
    Other,

    /// <summary>Load bias plus addend (<c>R_*_RELATIVE</c>, also from RELR).</summary>
    Relative,

    /// <summary>A symbol's address, into the global offset table (<c>R_*_GLOB_DAT</c>).</summary>
    GlobalData,

    /// <summary>A function's address, for the procedure linkage table (<c>R_*_JUMP_SLOT</c>).</summary>
    JumpSlot,

    /// <summary>A symbol's address plus addend, into data (<c>R_X86_64_64</c>, <c>R_AARCH64_ABS64</c>).</summary>
    Absolute,

    /// <summary>What the function at the addend returns (<c>R_*_IRELATIVE</c>).</summary>
    IndirectRelative,
}
