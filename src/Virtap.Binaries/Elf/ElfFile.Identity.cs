using System.Text;

namespace Virtap.Binaries.Elf;

/// <summary>What identifies the file, and what belongs to it.</summary>
public sealed partial class ElfFile
{
    private const uint BuildIdNote = 3;
    private const long DynamicName = 14, DynamicFlags1 = 0x6ffffffb;
    private const ulong IsPie = 0x0800_0000;

    /// <summary>The build id in hexadecimal; null where the file has none.</summary>
    public string? BuildId => field ??= ReadBuildId();

    /// <summary>Where debugging information went; null where the file does not say.</summary>
    public ElfDebugLink? DebugLink => field ??= ReadDebugLink();

    /// <summary>The dynamic linker that the program asks for; null for a static program or a library.</summary>
    public string? Interpreter => field ??= ReadInterpreter();

    /// <summary>Whether programs load it: it has a name that they ask for, or is neither a program nor one that needs no linker.</summary>
    public bool IsLibrary => Kind == ElfKind.SharedObject && (DynamicEntries.ContainsKey(DynamicName)
        || (Interpreter is null && (DynamicEntries.GetValueOrDefault(DynamicFlags1) & IsPie) == 0));

    /// <summary>
    /// The parts of the file that hold notes: the note sections, or the note segments where section headers were stripped.
    /// </summary>
    internal IEnumerable<(ElfRange Range, ulong Alignment)> NoteParts()
    {
        bool any = false;
        foreach (ElfSection section in Sections)
        {
            if (section.Type != ElfSectionType.Note)
                continue;
            any = true;
            yield return (RangeOf(section), section.Alignment);
        }

        if (any)
            yield break;
        foreach (ElfSegment segment in _segments)
        {
            if (segment.Type == ElfSegmentType.Note)
                yield return (new ElfRange(segment.Offset, segment.FileSize), segment.Alignment);
        }
    }

    private string? ReadBuildId()
    {
        foreach ((ElfRange range, ulong alignment) in NoteParts())
        {
            var notes = new ElfNoteReader(Bytes(range), alignment);
            while (notes.MoveNext())
            {
                if (notes.Type == BuildIdNote && notes.Owner.SequenceEqual("GNU"u8) && notes.Description.Length is > 0 and <= 64)
                    return Convert.ToHexStringLower(notes.Description);
            }
        }

        return null;
    }

    private ElfDebugLink? ReadDebugLink()
    {
        if (FindSection(".gnu_debuglink"u8) is not ElfSection section)
            return null;
        ReadOnlySpan<byte> link = Bytes(RangeOf(section));
        ReadOnlySpan<byte> name = UpToZero(link);
        int crc = (name.Length + 4) & ~3;
        return name.IsEmpty || crc + 4 > link.Length ? null : new ElfDebugLink(Encoding.UTF8.GetString(name), ElfImage.Word(link, crc));
    }

    private string? ReadInterpreter()
    {
        foreach (ElfSegment segment in _segments)
        {
            if (segment.Type == ElfSegmentType.Interpreter)
                return Encoding.UTF8.GetString(UpToZero(_image.Cut(segment.Offset, Math.Min(segment.FileSize, 4096))));
        }

        return null;
    }
}

/// <summary>What <c>.gnu_debuglink</c> says: where the debugging information went.</summary>
/// <param name="FileName">Name of the file, without a directory.</param>
/// <param name="Crc32">Checksum of that file's contents.</param>
public sealed record ElfDebugLink(string FileName, uint Crc32);
