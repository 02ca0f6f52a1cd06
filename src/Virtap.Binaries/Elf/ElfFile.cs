
namespace Virtap.Binaries.Elf;

/// <summary>
/// An ELF file of 64 bits in little-endian order, read lazily in place: opening one checks its header and costs microseconds, whatever its
/// size.
/// Spans that it gives out are valid until it is disposed of. Everything in the file is checked before it is believed: damaged files
/// give <see cref="ElfFormatException"/> or nothing, in bounded time. Not for several threads at once.
/// </summary>
public sealed partial class ElfFile : IDisposable
{
    /// <summary>Longer names do not end, as far as Virtap is concerned.</summary>
    internal const int MaxNameLength = 1 << 16;

    private const int HeaderSize = 64;
    private const int ProgramHeaderSize = 56;
    private const int SectionHeaderSize = 64;
    private const ushort ExtendedNumber = 0xffff;

    private readonly ElfImage _image;
    private readonly ElfRange _sectionHeaders;
    private readonly uint _sectionNamesIndex;
    private readonly ElfSegment[] _segments;
    private readonly ElfSegment[] _loads;
    private ElfRange? _sectionNames;

    private readonly string _name;

    private ElfFile(ElfImage image, string path, string name)
    {
        _image = image;
        Path = path;
        _name = name;
        ReadOnlySpan<byte> header = image.Cut(0, HeaderSize);
        if (header.Length < 4 || !header[..4].SequenceEqual("\u007fELF"u8))
            throw Damaged("not an ELF file");
        if (header.Length < HeaderSize)
            throw Damaged("cut short within the ELF header");
        if (header[4] != 2)
            throw Damaged(header[4] == 1 ? "a 32-bit ELF file, which is not supported" : $"ELF class {header[4]} is not known");
        if (header[5] != 1)
            throw Damaged(header[5] == 2 ? "a big-endian ELF file, which is not supported" : $"ELF byte order {header[5]} is not known");

        Kind = ElfImage.Half(header, 16) is ushort kind and <= 4 ? (ElfKind)kind : ElfKind.Other;
        Machine = ElfImage.Half(header, 18);
        Architecture = Machine switch { 62 => Binaries.Architecture.X64, 183 => Binaries.Architecture.Arm64, _ => null };
        EntryPoint = ElfImage.Long(header, 24);

        ulong segments = ElfImage.Long(header, 32), sections = ElfImage.Long(header, 40);
        uint segmentCount = ElfImage.Half(header, 56), sectionCount = ElfImage.Half(header, 60);
        _sectionNamesIndex = ElfImage.Half(header, 62);
        // The sections that gdb gives a core say nothing that its segments do not, and stand at the end, where a core is cut.
        if (sections != 0 && (Kind != ElfKind.Core || segmentCount == ExtendedNumber))
        {
            RequireEntrySize("section", ElfImage.Half(header, 58), SectionHeaderSize);

            // Numbers too large for the header stand in the otherwise empty first section.
            if (!image.TrySlice(sections, SectionHeaderSize, out ReadOnlySpan<byte> first))
                throw Damaged("cut short or damaged: its section headers lie beyond the end");
            if (sectionCount == 0)
                sectionCount = (uint)Math.Min(ElfImage.Long(first, 32), uint.MaxValue);
            if (_sectionNamesIndex == ExtendedNumber)
                _sectionNamesIndex = ElfImage.Word(first, 40);
            if (segmentCount == ExtendedNumber)
                segmentCount = ElfImage.Word(first, 44);
            _sectionHeaders = Table("section", sections, sectionCount, SectionHeaderSize);
        }

        if (segments != 0 && segmentCount != 0)
            RequireEntrySize("program", ElfImage.Half(header, 54), ProgramHeaderSize);
        _segments = ReadSegments(segments == 0 ? default : Table("program", segments, segmentCount, ProgramHeaderSize));
        _loads = Array.FindAll(_segments, segment => segment.Type == ElfSegmentType.Load);
    }

    /// <summary>The file's path as it was opened, or the name of the bytes.</summary>
    public string Path { get; }

    /// <summary>The processor, where it is one that Virtap knows.</summary>
    public Architecture? Architecture { get; }

    /// <summary>The processor's number (<c>e_machine</c>).</summary>
    public int Machine { get; }

    public ElfKind Kind { get; }

    /// <summary>Link-time address of the first instruction; 0 where there is none.</summary>
    public ulong EntryPoint { get; }

    /// <summary>Bytes of the file.</summary>
    public ulong Length => _image.Length;

    /// <summary>The segments, in the file's order.</summary>
    public IReadOnlyList<ElfSegment> Segments => _segments;

    /// <summary>The sections, in the file's order, with the empty one at 0; none where section headers were stripped.</summary>
    public IReadOnlyList<ElfSection> Sections => field ??= ReadSections();

    /// <summary>Opens a file.</summary>
    /// <param name="path">The file; also through <c>/proc/PID/exe</c> and the like.</param>
    /// <param name="name">What messages call it; null for its path.</param>
    /// <exception cref="ElfFormatException">It is no ELF file of 64 bits in little-endian order, or its headers are damaged.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read, or is a directory.</exception>
    public static ElfFile Open(string path, string? name = null)
    {
        ElfImage image = ElfImage.Map(path) ?? throw new ElfFormatException(name ?? path, "empty");
        return Read(image, path, name ?? path);
    }

    /// <summary>Reads bytes as if they were a file.</summary>
    /// <param name="bytes">The bytes, which must not change.</param>
    /// <param name="name">What to call them.</param>
    /// <exception cref="ElfFormatException">As <see cref="Open"/>.</exception>
    public static ElfFile FromBytes(ReadOnlyMemory<byte> bytes, string name) => Read(ElfImage.Of(bytes), name, name);

    /// <summary>Finds a section by its name; null where there is none.</summary>
    public ElfSection? FindSection(ReadOnlySpan<byte> name)
    {
        foreach (ElfSection section in Sections)
        {
            if (section.NameUtf8.SequenceEqual(name))
                return section;
        }

        return null;
    }

    /// <summary>The bytes of a section, as they are in the file (a compressed one stays so); none where it has none there.</summary>
    /// <exception cref="ElfFormatException">They lie beyond the end of the file.</exception>
    public ReadOnlySpan<byte> Contents(ElfSection section)
    {
        if (section.Type is ElfSectionType.NoBits or ElfSectionType.Null)
            return default;
        return _image.TrySlice(section.Offset, section.Size, out ReadOnlySpan<byte> bytes)
            ? bytes
            : throw Damaged($"cut short or damaged: section {section} lies beyond the end");
    }

    /// <summary>The bytes of the file itself, whatever they are.</summary>
    /// <param name="offset">Where the first one stands.</param>
    /// <param name="maxLength">How many at most.</param>
    /// <returns>Fewer where the file ends.</returns>
    public ReadOnlySpan<byte> FileBytes(ulong offset, int maxLength) => _image.Cut(offset, (ulong)Math.Max(maxLength, 0));

    /// <summary>Unmaps the file. Spans that it gave out must not be used any more.</summary>
    public void Dispose() => _image.Dispose();

    /// <inheritdoc/>
    public override string ToString() => _name;

    internal ReadOnlySpan<byte> Bytes(ElfRange range) => _image.Cut(range.Offset, range.Size);

    internal ReadOnlySpan<byte> SectionName(uint offset)
    {
        _sectionNames ??= _sectionNamesIndex < Sections.Count ? RangeOf(Sections[(int)_sectionNamesIndex]) : default;
        ElfRange names = _sectionNames.Value;
        return offset < names.Size ? UpToZero(_image.Cut(names.Offset + offset, Math.Min(names.Size - offset, MaxNameLength))) : default;
    }

    private static ElfFile Read(ElfImage image, string path, string name)
    {
        try
        {
            return new ElfFile(image, path, name);
        }
        catch
        {
            image.Dispose();
            throw;
        }
    }

    private static ReadOnlySpan<byte> UpToZero(ReadOnlySpan<byte> bytes)
    {
        int end = bytes.IndexOf((byte)0);
        return end < 0 ? default : bytes[..end];
    }

    private ElfFormatException Damaged(string reason) => new(_name, reason);

    private void RequireEntrySize(string what, int size, int expected)
    {
        if (size != expected)
            throw Damaged($"damaged: {what} headers of {size} bytes, not {expected}");
    }

    private ElfRange Table(string what, ulong offset, uint count, int entrySize)
    {
        ulong size = (ulong)count * (ulong)entrySize;
        return _image.Holds(offset, size) && size <= int.MaxValue
            ? new ElfRange(offset, size)
            : throw Damaged($"cut short or damaged: its {count} {what} headers reach beyond the end");
    }

    private ElfSegment[] ReadSegments(ElfRange range)
    {
        ReadOnlySpan<byte> headers = Bytes(range);
        var segments = new ElfSegment[headers.Length / ProgramHeaderSize];
        for (int n = 0; n < segments.Length; n++)
        {
            ReadOnlySpan<byte> header = headers.Slice(n * ProgramHeaderSize, ProgramHeaderSize);
            segments[n] = new ElfSegment(
                (ElfSegmentType)ElfImage.Word(header, 0), ElfImage.Word(header, 4), ElfImage.Long(header, 8), ElfImage.Long(header, 16),
                ElfImage.Long(header, 32), ElfImage.Long(header, 40), ElfImage.Long(header, 48));
        }

        return segments;
    }

    private ElfSection[] ReadSections()
    {
        ReadOnlySpan<byte> headers = Bytes(_sectionHeaders);
        var sections = new ElfSection[headers.Length / SectionHeaderSize];
        for (int n = 0; n < sections.Length; n++)
            sections[n] = new ElfSection(this, n, headers.Slice(n * SectionHeaderSize, SectionHeaderSize));
        return sections;
    }

    /// <summary>Where a section's bytes are, if they are all in the file; otherwise an empty range.</summary>
    private ElfRange RangeOf(ElfSection section)
        => section.Type != ElfSectionType.NoBits
            && _image.Holds(section.Offset, section.Size) ? new ElfRange(section.Offset, section.Size) : default;
}
