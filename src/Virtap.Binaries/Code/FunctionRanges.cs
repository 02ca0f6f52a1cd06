using System.Buffers.Binary;
using Virtap.Binaries.Elf;

namespace Virtap.Binaries.Code;

/// <summary>
/// Where the functions of a stripped program begin and end, from the table by which it would unwind an exception: the binary search table
/// of <c>.eh_frame_hdr</c> (Linux Standard Base, core generic, 10.6.2), looked up in place. What a compiler moved out of a function
/// (<c>.cold</c>) is a range of its own.
/// </summary>
internal sealed class FunctionRanges
{
    /// <summary>DW_EH_PE_datarel | DW_EH_PE_sdata4, the one encoding of the table that linkers write.</summary>
    private const byte TableEncoding = 0x3b;

    private const int HeaderSize = 12;
    private const int EntrySize = 8;

    private readonly ElfFile _file;
    private readonly ulong _header;
    private readonly int _count;

    private FunctionRanges(ElfFile file, ulong header, int count)
    {
        _file = file;
        _header = header;
        _count = count;
    }

    /// <summary>Finds the table; null where the file has none, or one of another form.</summary>
    public static FunctionRanges? TryOpen(ElfFile file)
    {
        foreach (ElfSegment segment in file.Segments)
        {
            if (segment.Type != ElfSegmentType.GnuEhFrame)
                continue;
            ReadOnlySpan<byte> header = file.BytesAt(segment.Address, HeaderSize);

            // Version 1, a pointer of four bytes to .eh_frame, a count of four bytes.
            if (header.Length < HeaderSize || header[0] != 1 || (header[1] & 0x0f) is not (0x03 or 0x0b) || header[2] != 0x03
                || header[3] != TableEncoding)
                return null;
            uint count = BinaryPrimitives.ReadUInt32LittleEndian(header[8..]);
            ReadOnlySpan<byte> table = file.BytesAt(segment.Address + HeaderSize, int.MaxValue);
            return new FunctionRanges(file, segment.Address, (int)Math.Min(count, (uint)table.Length / EntrySize));
        }

        return null;
    }

    /// <summary>The function that holds an address.</summary>
    /// <param name="address">A link-time address.</param>
    /// <param name="start">Address of its first byte.</param>
    /// <param name="length">Its bytes.</param>
    public bool TryFind(ulong address, out ulong start, out int length)
    {
        ReadOnlySpan<byte> table = _file.BytesAt(_header + HeaderSize, _count * EntrySize);
        int low = 0, high = table.Length / EntrySize;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (Pointer(table, middle * EntrySize) <= address)
                low = middle + 1;
            else
                high = middle;
        }

        (start, length) = (0, 0);
        if (low == 0)
            return false;
        start = Pointer(table, (low - 1) * EntrySize);

        // The description: length, pointer to what it shares with others, start, length of the code; the start is relative to its own
        // place, as everywhere in position-independent code.
        ulong description = Pointer(table, (low - 1) * EntrySize + 4);
        ReadOnlySpan<byte> entry = _file.BytesAt(description, 16);
        if (entry.Length < 16 || unchecked(description + 8 + (ulong)BinaryPrimitives.ReadInt32LittleEndian(entry[8..])) != start)
            return false;
        length = BinaryPrimitives.ReadInt32LittleEndian(entry[12..]);
        return length > 0 && address - start < (ulong)length;
    }

    private ulong Pointer(ReadOnlySpan<byte> table, int at) =>
        unchecked(_header + (ulong)BinaryPrimitives.ReadInt32LittleEndian(table[at..]));
}
