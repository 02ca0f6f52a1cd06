using Virtap.Binaries.Elf;

namespace Virtap.Binaries.Dwarf.Frames;

/// <summary>
/// Call frame information (DWARF 5, 6.4): for each place in the code, where its frame begins and where it keeps what its caller had in
/// registers. <c>.eh_frame</c> is asked first, which every program has for its exceptions, then <c>.debug_frame</c>, which debug
/// information may have beside it. Not for several threads at once.
/// </summary>
public sealed class CallFrames
{
    private const int MaxRows = 1 << 14;

    private readonly FrameTable _loaded;
    private readonly Lazy<FrameTable?> _debug;
    private readonly Dictionary<ulong, UnwindRow?> _rows = [];

    private CallFrames(FrameTable loaded, Lazy<FrameTable?> debug) => (_loaded, _debug) = (loaded, debug);

    /// <summary>Reads where a file has its frames; the frames themselves are read when asked for.</summary>
    /// <param name="file">The program or library.</param>
    /// <param name="debugFile">The file with its debug information, which may be itself.</param>
    /// <exception cref="ElfFormatException">A section is damaged, or compressed in a way that is not supported.</exception>
    public static CallFrames Read(ElfFile file, ElfFile debugFile)
    {
        FrameSearchTable? search = FrameSearchTable.Read(file);
        ElfSection? section = file.FindSection(".eh_frame"u8);
        FrameSection loaded = section is { Size: > 0, Type: not ElfSectionType.NoBits }
            ? FrameSection.OfSection(file, ".eh_frame", section.Address, isEh: true)
            : FrameSection.OfAddress(file, search?.Frames ?? 0);
        bool isSearched = search is { HasTable: true } && search.Frames == loaded.Address;
        return new CallFrames(
            new FrameTable(loaded, isSearched ? search : null),
            new Lazy<FrameTable?>(
                () => debugFile.FindSection(".debug_frame"u8) is null && debugFile.FindSection(".zdebug_frame"u8) is null
                    ? null : new FrameTable(FrameSection.OfSection(debugFile, ".debug_frame", 0, isEh: false), null)));
    }

    /// <summary>Where the frame begins of the function that has an address, at that address; null where nobody says.</summary>
    internal CfaRule? CfaAt(ulong address) => RowAt(address) is { Cfa.IsKnown: true } row ? row.Cfa : null;

    /// <summary>All rules at an address; null where nobody says. The last thousands are kept: threads are where they often are.</summary>
    internal UnwindRow? RowAt(ulong address)
    {
        if (_rows.TryGetValue(address, out UnwindRow? row))
            return row;
        if (_rows.Count == MaxRows)
            _rows.Clear();
        return _rows[address] = _loaded.RowAt(address) ?? _debug.Value?.RowAt(address);
    }
}
