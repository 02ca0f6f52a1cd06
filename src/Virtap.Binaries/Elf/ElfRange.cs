namespace Virtap.Binaries.Elf;

/// <summary>A part of a file that was checked to lie in it.</summary>
internal readonly record struct ElfRange(ulong Offset, ulong Size);
