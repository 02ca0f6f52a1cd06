using SharpCompress.Compressors.Xz;
using Virtap.Binaries.Elf;

namespace Virtap.Binaries.Images;

/// <summary>
/// What distributions leave in a stripped file for its backtraces (<c>.gnu_debugdata</c>): an ELF file with the names of its own
/// functions, compressed by xz.
/// </summary>
internal static class MiniDebugData
{
    // The largest known, of a whole browser, makes some tens of MiB.
    private const int MaxBytes = 1 << 28, Step = 1 << 16;

    /// <summary>Unpacks it; null where the file has none.</summary>
    /// <param name="file">The file.</param>
    /// <exception cref="ElfFormatException">It is damaged, or larger than anything that is in use.</exception>
    public static ElfFile? Open(ElfFile file)
    {
        if (file.FindSection(".gnu_debugdata"u8) is not { } section)
            return null;
        try
        {
            using var source = new MemoryStream(file.Contents(section).ToArray());
            using var unpacked = new XZStream(source);
            using var bytes = new MemoryStream();
            var buffer = new byte[Step];
            for (int read = unpacked.Read(buffer); read > 0; read = unpacked.Read(buffer))
            {
                if (bytes.Length + read > MaxBytes)
                    throw new ElfFormatException(file.Path, $"its .gnu_debugdata unpacks to more than {MaxBytes >> 20} MiB");
                bytes.Write(buffer, 0, read);
            }

            return ElfFile.FromBytes(bytes.ToArray(), $"{file.Path} (.gnu_debugdata)");
        }
        catch (Exception e) when (e is not (ElfFormatException or OutOfMemoryException))
        {
            // The library has several ways to say it.
            throw new ElfFormatException(file.Path, $"damaged: its .gnu_debugdata cannot be unpacked ({e.Message})");
        }
    }
}
