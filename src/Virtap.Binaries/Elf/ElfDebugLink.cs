namespace Virtap.Binaries.Elf;

/// <summary>What <c>.gnu_debuglink</c> says: where the debugging information went.</summary>
/// <param name="FileName">Name of the file, without a directory.</param>
/// <param name="Crc32">Checksum of that file's contents.</param>
public sealed record ElfDebugLink(string FileName, uint Crc32);
