using System.Buffers.Binary;
using System.IO.Compression;
using Virtap.Binaries.Elf;

namespace Virtap.Binaries.Dwarf.Entries;

/// <summary>A section of debug information: the file's own bytes, or what was compressed in it.</summary>
internal sealed class DwarfSection
{
    private const ulong Compressed = 0x800;
    private const int CompressionHeaderSize = 24, OldHeaderSize = 12, Zlib = 1;

    // Deflate makes of a byte 1032 at most.
    private const ulong MaxRatio = 1040;

    private readonly ElfFile? _file;
    private readonly ElfSection? _section;
    private readonly ReadOnlyMemory<byte> _bytes;
    private readonly int _start, _length;

    private DwarfSection(ElfFile? file, ElfSection? section, ReadOnlyMemory<byte> bytes, int start, int length)
    {
        (_file, _section, _bytes, _start, _length) = (file, section, bytes, start, length);
    }

    /// <summary>A section that is not there.</summary>
    public static DwarfSection Empty { get; } = new(null, null, default, 0, 0);

    /// <summary>Its bytes; none where there is no such section.</summary>
    public ReadOnlySpan<byte> Bytes =>
        _section is null ? _bytes.Span.Slice(_start, _length) : _file!.Contents(_section).Slice(_start, _length);

    /// <summary>How many bytes.</summary>
    public int Length => _length;

    /// <summary>Finds a section by its name, or as it was named where it is compressed in the old way (<c>.zdebug_info</c>).</summary>
    /// <exception cref="ElfFormatException">It is damaged, or compressed in a way that is not supported.</exception>
    public static DwarfSection Find(ElfFile file, string name)
    {
        if (file.FindSection(System.Text.Encoding.ASCII.GetBytes(name)) is { } section)
        {
            ReadOnlySpan<byte> bytes = file.Contents(section);
            return (section.Flags & Compressed) != 0
                ? Inflate(file, name, bytes) : new DwarfSection(file, section, default, 0, bytes.Length);
        }

        return file.FindSection(System.Text.Encoding.ASCII.GetBytes(".z" + name[1..])) is { } old
            ? InflateOld(file, name, file.Contents(old)) : Empty;
    }

    /// <summary>A part of it, as a package of split units has for each; what lies outside is not in it.</summary>
    public DwarfSection Slice(ulong start, ulong length)
    {
        int from = (int)Math.Min(start, (ulong)_length);
        return new DwarfSection(_file, _section, _bytes, _start + from, (int)Math.Min(length, (ulong)(_length - from)));
    }

    private static DwarfSection Inflate(ElfFile file, string name, ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < CompressionHeaderSize)
            throw new ElfFormatException(file.Path, $"damaged: {name} is too short to be compressed");
        uint way = ElfImage.Word(bytes, 0);
        if (way != Zlib)
        {
            string how = way == 2 ? "by zstd" : $"in way {way}";
            throw new ElfFormatException(file.Path, $"{name} is compressed {how}, which is not supported");
        }

        return Inflate(file, name, bytes[CompressionHeaderSize..], ElfImage.Long(bytes, 8));
    }

    private static DwarfSection InflateOld(ElfFile file, string name, ReadOnlySpan<byte> bytes) =>
        bytes.Length >= OldHeaderSize && bytes.StartsWith("ZLIB"u8)
            ? Inflate(file, name, bytes[OldHeaderSize..], BinaryPrimitives.ReadUInt64BigEndian(bytes[4..]))
            : throw new ElfFormatException(file.Path, $"damaged: the compressed {name} has no header");

    private static DwarfSection Inflate(ElfFile file, string name, ReadOnlySpan<byte> bytes, ulong size)
    {
        if (size > (ulong)bytes.Length * MaxRatio || size > int.MaxValue)
            throw new ElfFormatException(file.Path, $"damaged: {name} says that it has {size} bytes, of {bytes.Length} compressed ones");
        try
        {
            using var source = new MemoryStream(bytes.ToArray());
            using var inflated = new ZLibStream(source, CompressionMode.Decompress);
            var result = new byte[size];
            int read = inflated.ReadAtLeast(result, result.Length, throwOnEndOfStream: false);
            return new DwarfSection(null, null, result, 0, read);
        }
        catch (InvalidDataException)
        {
            throw new ElfFormatException(file.Path, $"damaged: {name} cannot be decompressed");
        }
    }
}
