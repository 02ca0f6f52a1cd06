using Virtap.Binaries.Dwarf.Forms;

namespace Virtap.Binaries.Dwarf.Frames;

/// <summary>The frames of one section, found by the addresses of their code.</summary>
/// <param name="section">The section.</param>
/// <param name="search">The linker's table that finds a frame without reading all of them; null where there is none.</param>
internal sealed class FrameTable(FrameSection section, FrameSearchTable? search)
{
    private const int MaxFrames = 1 << 22;

    private readonly Dictionary<int, FrameRules?> _rules = [];
    private FrameSearchTable? _search = search;
    private Frame[]? _frames;

    private readonly record struct Frame(ulong Start, ulong End, int RulesOffset, int Instructions, int Next);

    /// <summary>The rules at an address; null where no frame has it.</summary>
    public UnwindRow? RowAt(ulong address)
    {
        if (Find(address) is not { } frame || address < frame.Start || address >= frame.End || RulesAt(frame.RulesOffset) is not { } rules)
            return null;
        return new FrameProgram(section, rules, address).Run(frame.Start, frame.Instructions, frame.Next);
    }

    private Frame? Find(ulong address)
    {
        if (_search is not null)
        {
            if (_search.Find(address) is not { } found)
                return null;
            int at = (int)Math.Min(found.Frame - section.Address, int.MaxValue);
            if (ReadFrame(ref at) is { } frame && frame.Start == found.Start)
                return frame;

            // The table is damaged: what it leads to begins elsewhere.
            _search = null;
        }

        Frame[] frames = _frames ??= ReadFrames();
        int low = 0, high = frames.Length;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (frames[middle].Start <= address)
                low = middle + 1;
            else
                high = middle;
        }

        return low > 0 ? frames[low - 1] : null;
    }

    private Frame[] ReadFrames()
    {
        List<Frame> frames = [];
        for (int offset = 0; offset < section.Bytes.Length && frames.Count < MaxFrames;)
        {
            int before = offset;
            if (ReadFrame(ref offset) is { } frame)
                frames.Add(frame);
            if (offset <= before)
                break;
        }

        frames.Sort(static (a, b) => a.Start.CompareTo(b.Start));
        return [.. frames];
    }

    /// <summary>Reads the entry at a place, and moves behind it; null where it is no frame. It stays in place where the section
    /// ends.</summary>
    private Frame? ReadFrame(ref int offset)
    {
        ReadOnlySpan<byte> bytes = section.Bytes;
        int start = offset;
        var reader = new DwarfReader(bytes, start);
        ulong length = reader.UnitLength(out int offsetSize);
        if (length == 0 || start >= bytes.Length)
            return null;
        int body = reader.Position;
        offset = (int)Math.Min((ulong)bytes.Length, (ulong)body + length);
        ulong id = reader.Fixed(section.IsEh ? 4 : offsetSize);
        if (section.IsEh ? id == 0 : id == (offsetSize == 8 ? ulong.MaxValue : uint.MaxValue))
            return null;
        ulong rulesOffset = section.IsEh ? (ulong)body - id : id;
        if (rulesOffset >= (ulong)bytes.Length || start == (int)rulesOffset || RulesAt((int)rulesOffset) is not { } rules)
            return null;
        ulong first = section.ReadPointer(ref reader, rules.AddressEncoding, rules.AddressSize);
        ulong size = section.ReadPointer(ref reader, rules.AddressEncoding & 0x0f, rules.AddressSize);
        if (rules.HasAugmentation)
            reader.Skip(reader.Unsigned());
        return new Frame(first, first + size, (int)rulesOffset, reader.Position, offset);
    }

    private FrameRules? RulesAt(int offset)
    {
        if (!_rules.TryGetValue(offset, out FrameRules? rules))
            _rules[offset] = rules = ReadRules(offset);
        return rules;
    }

    private FrameRules? ReadRules(int offset)
    {
        ReadOnlySpan<byte> bytes = section.Bytes;
        var reader = new DwarfReader(bytes, offset);
        ulong length = reader.UnitLength(out int offsetSize);
        int next = (int)Math.Min((ulong)bytes.Length, (ulong)reader.Position + length);
        reader.Skip(section.IsEh ? 4 : (ulong)offsetSize);
        int version = reader.Byte();
        ReadOnlySpan<byte> augmentation = reader.Text();
        if (version is not (1 or 3 or 4) || (!augmentation.IsEmpty && augmentation[0] != 'z'))
            return null;
        int addressSize = 8;
        if (version == 4)
        {
            addressSize = reader.Byte() == 4 ? 4 : 8;
            reader.Byte();
        }

        ulong codeStep = reader.Unsigned();
        long dataStep = reader.Signed();
        int returnRegister = (int)Math.Min(version == 1 ? reader.Byte() : reader.Unsigned(), int.MaxValue);
        int encoding = 0;
        bool isSignal = false;
        if (!augmentation.IsEmpty)
        {
            int size = (int)Math.Min(reader.Unsigned(), int.MaxValue / 2);
            int instructions = reader.Position + size;
            foreach (byte letter in augmentation[1..])
            {
                if (letter == 'R')
                    encoding = reader.Byte();
                else if (letter == 'P')
                    _ = section.ReadPointer(ref reader, reader.Byte() & 0x7f, addressSize);
                else if (letter == 'L')
                    reader.Byte();
                else
                    isSignal |= letter == 'S';
            }

            reader.Position = instructions;
        }

        return new FrameRules(
            codeStep, dataStep, returnRegister, encoding, !augmentation.IsEmpty, isSignal, reader.Position, next, addressSize);
    }
}
