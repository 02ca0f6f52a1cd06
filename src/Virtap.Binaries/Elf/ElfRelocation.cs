namespace Virtap.Binaries.Elf;

/// <summary>A place that the dynamic linker fills in.</summary>
/// <param name="Address">Link-time address of the place.</param>
/// <param name="Kind">What goes there.</param>
/// <param name="SymbolIndex">The symbol in <see cref="ElfFile.DynamicSymbols"/>; 0 where there is none.</param>
/// <param name="Addend">What is added; for <see cref="ElfRelocationKind.Relative"/> the link-time address that the place points to.</param>
public readonly record struct ElfRelocation(ulong Address, ElfRelocationKind Kind, uint SymbolIndex, long Addend);
