using Virtap.Binaries.Dwarf.Forms;
using Virtap.Binaries.Elf;

namespace Virtap.Binaries.Dwarf.Frames;

/// <summary>
/// <c>.eh_frame_hdr</c> (LSB, 10.6.2): where <c>.eh_frame</c> lies, and its frames in the order of their code, so that one is found in a
/// search by halves, whatever the size of the file.
/// </summary>
internal sealed class FrameSearchTable
{
    // The one way in which linkers write the table: pairs of 4 bytes with a sign, relative to its own beginning.
    private const int PairEncoding = 0x3b, PairSize = 8;

    private readonly ElfFile _file;
    private readonly ulong _address;
    private readonly int _table;
    private readonly int _count;

    private FrameSearchTable(ElfFile file, ulong address, ulong frames, int table, int count)
    {
        (_file, _address, Frames, _table, _count) = (file, address, frames, table, count);
    }

    /// <summary>Link-time address of <c>.eh_frame</c>.</summary>
    public ulong Frames { get; }

    /// <summary>Whether it has a table at all; what it says of <c>.eh_frame</c> holds without one.</summary>
    public bool HasTable => _count > 0;

    /// <summary>Reads the header; null where the file has none.</summary>
    public static FrameSearchTable? Read(ElfFile file)
    {
        foreach (ElfSegment segment in file.Segments)
        {
            if (segment.Type != ElfSegmentType.GnuEhFrame)
                continue;
            ReadOnlySpan<byte> bytes = file.BytesAt(segment.Address, (int)Math.Min(segment.FileSize, int.MaxValue));
            var reader = new DwarfReader(bytes);
            if (reader.Byte() != 1)
                return null;
            int framesEncoding = reader.Byte(), countEncoding = reader.Byte(), tableEncoding = reader.Byte();
            ulong frames = Pointer(ref reader, framesEncoding, segment.Address);
            ulong count = Pointer(ref reader, countEncoding, segment.Address);
            bool isKnown = tableEncoding == PairEncoding && count <= (ulong)(bytes.Length - reader.Position) / PairSize;
            return frames == 0 ? null : new FrameSearchTable(file, segment.Address, frames, reader.Position, isKnown ? (int)count : 0);
        }

        return null;
    }

    /// <summary>The last frame that begins at an address or before it, and where that one lies; null where none does.</summary>
    public (ulong Start, ulong Frame)? Find(ulong address)
    {
        ReadOnlySpan<byte> pairs = _file.BytesAt(_address + (ulong)_table, _count * PairSize);
        int low = 0, high = pairs.Length / PairSize;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (At(pairs, middle * PairSize) <= address)
                low = middle + 1;
            else
                high = middle;
        }

        return low == 0 ? null : (At(pairs, (low - 1) * PairSize), At(pairs, ((low - 1) * PairSize) + 4));
    }

    private ulong At(ReadOnlySpan<byte> pairs, int offset) => _address + (ulong)(int)ElfImage.Word(pairs, offset);

    private static ulong Pointer(ref DwarfReader reader, int encoding, ulong start) =>
        FrameSection.ReadPointer(ref reader, encoding, 8, start + (ulong)reader.Position, start, 0);
}
