using Virtap.Binaries.Elf;
using Virtap.Binaries.Elf.Cores;

namespace Virtap.Processes.Memory;

/// <summary>
/// The memory of a process as a core holds it. Kernel and gdb leave out what a file holds as well: pages of the program that nobody has
/// written to are read from the program's file. What is not in the core reads as nothing: other files, memory that the process wanted left
/// out (MADV_DONTDUMP), and what was cut off.
/// </summary>
internal sealed class CoreMemory : TargetMemory
{
    private readonly ElfFile _core;
    private readonly ElfSegment[] _segments;
    private readonly CoreMapping[] _program;
    private readonly ElfFile? _file;

    /// <summary>Creates it.</summary>
    /// <param name="core">The core.</param>
    /// <param name="file">The program's file; null to read from the core alone.</param>
    /// <param name="program">Where the program's file was mapped.</param>
    public CoreMemory(ElfFile core, ElfFile? file, IEnumerable<CoreMapping> program)
    {
        _core = core;
        _segments = [.. core.Segments.Where(s => s.Type == ElfSegmentType.Load && s.FileSize > 0).OrderBy(s => s.Address)];
        _file = file;
        _program = [.. program.OrderBy(m => m.Start)];
    }

    /// <inheritdoc/>
    public override bool IsLive => false;

    /// <inheritdoc/>
    public override int Read(ulong address, Span<byte> buffer)
    {
        int done = 0;
        while (done < buffer.Length)
        {
            ReadOnlySpan<byte> piece = Piece(address + (ulong)done, buffer.Length - done);
            if (piece.IsEmpty)
                break;
            piece.CopyTo(buffer[done..]);
            done += piece.Length;
        }

        return done;
    }

    private ReadOnlySpan<byte> Piece(ulong address, int length)
    {
        int low = 0, high = _segments.Length;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (_segments[middle].Address <= address)
                low = middle + 1;
            else
                high = middle;
        }

        if (low > 0)
        {
            ref readonly ElfSegment segment = ref _segments[low - 1];
            ulong within = address - segment.Address;
            // Nothing where the core was cut: what the program's file has is older.
            if (within < segment.FileSize)
                return _core.FileBytes(unchecked(segment.Offset + within), (int)Math.Min((ulong)length, segment.FileSize - within));
        }

        if (low < _segments.Length)
            length = (int)Math.Min((ulong)length, _segments[low].Address - address);
        foreach (CoreMapping mapping in _program)
        {
            if (_file is not null && address >= mapping.Start && address < mapping.End)
                return _file.FileBytes(
                    unchecked(mapping.Offset + (address - mapping.Start)), (int)Math.Min((ulong)length, mapping.End - address));
        }

        return default;
    }
}
