using System.Buffers.Binary;
using Virtap.Binaries.Elf;
using Virtap.Processes.Memory;

namespace Virtap.Processes.Cores;

/// <summary>An ELF file as it is mapped in a process's memory: its header, and what that leads to.</summary>
internal static class MappedImage
{
    private const int HeaderSize = 64;
    private const int ProgramHeaderSize = 56;
    private const int MaximumHeaders = 64;
    private const int MaximumNotes = 1 << 16;
    private const uint BuildIdNote = 3;

    /// <summary>The build id of the file that is mapped at an address, in hexadecimal; null where there is none.</summary>
    public static string? ReadBuildId(TargetMemory memory, ulong start)
    {
        Span<byte> header = stackalloc byte[HeaderSize];
        if (!memory.TryRead(start, header) || !header.StartsWith("\u007fELF\u0002\u0001"u8))
            return null;
        ulong table = BinaryPrimitives.ReadUInt64LittleEndian(header[32..]);
        int count = BinaryPrimitives.ReadUInt16LittleEndian(header[56..]);
        if (BinaryPrimitives.ReadUInt16LittleEndian(header[54..]) != ProgramHeaderSize || count > MaximumHeaders)
            return null;
        byte[] headers = new byte[count * ProgramHeaderSize];
        if (!memory.TryRead(start + table, headers))
            return null;
        for (int n = 0; n < count; n++)
        {
            ReadOnlySpan<byte> one = headers.AsSpan(n * ProgramHeaderSize);
            // p_type, p_offset, p_filesz, p_align. What is in the first pages of a file is at the same distance in memory.
            ulong offset = BinaryPrimitives.ReadUInt64LittleEndian(one[8..]), size = BinaryPrimitives.ReadUInt64LittleEndian(one[32..]);
            if ((ElfSegmentType)BinaryPrimitives.ReadUInt32LittleEndian(one) != ElfSegmentType.Note || size > MaximumNotes)
                continue;
            byte[] notes = new byte[size];
            if (memory.TryRead(start + offset, notes) && FindBuildId(notes, BinaryPrimitives.ReadUInt64LittleEndian(one[48..])) is { } id)
                return id;
        }

        return null;
    }

    private static string? FindBuildId(ReadOnlySpan<byte> bytes, ulong alignment)
    {
        var notes = new ElfNoteReader(bytes, alignment);
        while (notes.MoveNext())
        {
            if (notes.Type == BuildIdNote && notes.Owner.SequenceEqual("GNU"u8) && notes.Description.Length is > 0 and <= 64)
                return Convert.ToHexStringLower(notes.Description);
        }

        return null;
    }
}
