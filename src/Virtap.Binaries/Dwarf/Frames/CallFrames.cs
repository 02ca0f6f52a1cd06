using Virtap.Binaries.Dwarf.Entries;
using Virtap.Binaries.Dwarf.Forms;
using Virtap.Binaries.Elf;

namespace Virtap.Binaries.Dwarf.Frames;

/// <summary>Where the frame of a function begins: a register and a distance, or bytes of an expression.</summary>
/// <param name="Register">The register by its DWARF number; -1 for an expression.</param>
/// <param name="Offset">Bytes from what it holds.</param>
/// <param name="Expression">The expression.</param>
internal readonly record struct CfaRule(int Register, long Offset, ReadOnlyMemory<byte> Expression);

/// <summary>
/// Call frame information (<c>.eh_frame</c>, else <c>.debug_frame</c>; DWARF 5, 6.4): the canonical frame address at a place.
/// </summary>
internal sealed class CallFrames
{
    private const int MaxFrames = 1 << 22, MaxSteps = 1 << 16, MaxRemembered = 64;

    private readonly DwarfSection _section;
    private readonly ulong _address;
    private readonly bool _isEh;
    private readonly Frame[] _frames;
    private readonly Dictionary<int, Rules?> _rules = [];

    private CallFrames(DwarfSection section, ulong address, bool isEh)
    {
        (_section, _address, _isEh) = (section, address, isEh);
        _frames = ReadFrames();
    }

    private readonly record struct Frame(ulong Start, ulong End, int RulesOffset, int Instructions, int Next);

    /// <summary>What frames share (CIE).</summary>
    private sealed record Rules(
        ulong CodeStep, long DataStep, int AddressEncoding, bool HasAugmentation, int Instructions, int Next, int AddressSize);

    /// <summary>Reads a file's frames; without any where it has none.</summary>
    /// <param name="file">The program.</param>
    /// <param name="debugFile">The file with its debug information.</param>
    public static CallFrames Read(ElfFile file, ElfFile debugFile)
    {
        if (file.FindSection(".eh_frame"u8) is { Size: > 0, Type: not ElfSectionType.NoBits } section)
            return new CallFrames(DwarfSection.Find(file, ".eh_frame"), section.Address, isEh: true);
        return new CallFrames(DwarfSection.Find(debugFile, ".debug_frame"), 0, isEh: false);
    }

    /// <summary>Where the frame begins of the function that has an address, at that address; null where nobody says.</summary>
    public CfaRule? CfaAt(ulong address)
    {
        int low = 0, high = _frames.Length;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (_frames[middle].Start <= address)
                low = middle + 1;
            else
                high = middle;
        }

        if (low == 0 || address >= _frames[low - 1].End)
            return null;
        Frame frame = _frames[low - 1];
        if (RulesAt(frame.RulesOffset) is not { } rules)
            return null;
        CfaRule state = new(-1, 0, default);
        ulong at = frame.Start;
        Run(rules.Instructions, rules.Next, rules, address, ref at, ref state);
        at = frame.Start;
        Run(frame.Instructions, frame.Next, rules, address, ref at, ref state);
        return state.Register >= 0 || !state.Expression.IsEmpty ? state : null;
    }

    private Frame[] ReadFrames()
    {
        List<Frame> frames = [];
        ReadOnlySpan<byte> bytes = _section.Bytes;
        for (int offset = 0; offset < bytes.Length && frames.Count < MaxFrames;)
        {
            int start = offset;
            var reader = new DwarfReader(bytes, offset);
            ulong length = reader.UnitLength(out int offsetSize);
            if (length == 0)
                break;
            int body = reader.Position;
            offset = (int)Math.Min((ulong)bytes.Length, (ulong)body + length);
            ulong id = reader.Fixed(_isEh ? 4 : offsetSize);
            if (_isEh ? id == 0 : id == (offsetSize == 8 ? ulong.MaxValue : uint.MaxValue))
                continue;
            ulong rulesOffset = _isEh ? (ulong)body - id : id;
            if (rulesOffset >= (ulong)bytes.Length || RulesAt((int)rulesOffset) is not { } rules || start == (int)rulesOffset)
                continue;
            ulong first = ReadPointer(ref reader, rules.AddressEncoding, rules.AddressSize);
            ulong size = ReadPointer(ref reader, rules.AddressEncoding & 0x0f, rules.AddressSize);
            if (rules.HasAugmentation)
                reader.Skip(reader.Unsigned());
            frames.Add(new Frame(first, first + size, (int)rulesOffset, reader.Position, offset));
        }

        frames.Sort(static (a, b) => a.Start.CompareTo(b.Start));
        return [.. frames];
    }

    private Rules? RulesAt(int offset)
    {
        if (!_rules.TryGetValue(offset, out Rules? rules))
            _rules[offset] = rules = ReadRules(offset);
        return rules;
    }

    private Rules? ReadRules(int offset)
    {
        ReadOnlySpan<byte> bytes = _section.Bytes;
        var reader = new DwarfReader(bytes, offset);
        ulong length = reader.UnitLength(out int offsetSize);
        int next = (int)Math.Min((ulong)bytes.Length, (ulong)reader.Position + length);
        reader.Skip(_isEh ? 4 : (ulong)offsetSize);
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
        if (version == 1)
            reader.Byte();
        else
            reader.Unsigned();
        int encoding = 0;
        if (!augmentation.IsEmpty)
        {
            int size = (int)Math.Min(reader.Unsigned(), int.MaxValue / 2);
            int instructions = reader.Position + size;
            foreach (byte letter in augmentation[1..])
            {
                if (letter == 'R')
                    encoding = reader.Byte();
                else if (letter == 'P')
                    _ = ReadPointer(ref reader, reader.Byte() & 0x7f, addressSize);
                else if (letter == 'L')
                    reader.Byte();
            }

            reader.Position = instructions;
        }

        return new Rules(codeStep, dataStep, encoding, !augmentation.IsEmpty, reader.Position, next, addressSize);
    }

    /// <summary>A pointer as <c>.eh_frame</c> encodes them (LSB, 10.5.1): a format, and what it is relative to.</summary>
    private ulong ReadPointer(ref DwarfReader reader, int encoding, int addressSize)
    {
        ulong here = _address + (ulong)reader.Position;
        ulong value = (encoding & 0x0f) switch
        {
            0x01 => reader.Unsigned(),
            0x02 => reader.Fixed(2),
            0x03 => reader.Fixed(4),
            0x09 => (ulong)reader.Signed(),
            0x0a => (ulong)(short)reader.Fixed(2),
            0x0b => (ulong)(int)reader.Fixed(4),
            0x04 or 0x0c => reader.Fixed(8),
            _ => reader.Fixed(addressSize),
        };
        return (encoding & 0x70) == 0x10 ? here + value : value;
    }

    private void Run(int from, int to, Rules rules, ulong wanted, ref ulong at, ref CfaRule state)
    {
        if (from >= to)
            return;
        var reader = new DwarfReader(_section.Bytes[..to], from);
        Stack<CfaRule> remembered = [];
        for (int step = 0; step < MaxSteps && !reader.AtEnd && at <= wanted; step++)
        {
            byte code = reader.Byte();
            int low = code & 0x3f;
            ulong next = at;
            switch (code >> 6)
            {
                case 1:
                    next = at + ((ulong)low * rules.CodeStep);
                    break;
                case 2:
                    reader.Unsigned();
                    break;
                case 3:
                    break;
                default:
                    next = RunExtended(low, ref reader, rules, at, ref state, remembered);
                    break;
            }

            if (next > wanted)
                return;
            at = next;
        }
    }

    private ulong RunExtended(
        int code, ref DwarfReader reader, Rules rules, ulong at, ref CfaRule state, Stack<CfaRule> remembered)
    {
        switch (code)
        {
            case 0x01:
                return ReadPointer(ref reader, rules.AddressEncoding, rules.AddressSize);
            case 0x02:
                return at + (reader.Fixed(1) * rules.CodeStep);
            case 0x03:
                return at + (reader.Fixed(2) * rules.CodeStep);
            case 0x04:
                return at + (reader.Fixed(4) * rules.CodeStep);
            case 0x05 or 0x09 or 0x14:
                reader.Unsigned();
                reader.Unsigned();
                break;
            case 0x06 or 0x07 or 0x08 or 0x2e:
                reader.Unsigned();
                break;
            case 0x11 or 0x15:
                reader.Unsigned();
                reader.Signed();
                break;
            case 0x0a when remembered.Count < MaxRemembered:
                remembered.Push(state);
                break;
            case 0x0b:
                if (remembered.TryPop(out CfaRule saved))
                    state = saved;
                break;
            case 0x0c:
                state = new CfaRule((int)reader.Unsigned(), (long)reader.Unsigned(), default);
                break;
            case 0x0d:
                state = state with { Register = (int)reader.Unsigned() };
                break;
            case 0x0e:
                state = state with { Offset = (long)reader.Unsigned() };
                break;
            case 0x0f:
                byte[] expression = reader.Bytes((int)Math.Min(reader.Unsigned(), int.MaxValue)).ToArray();
                state = new CfaRule(-1, 0, expression);
                break;
            case 0x10 or 0x16:
                reader.Unsigned();
                reader.Skip(reader.Unsigned());
                break;
            case 0x12:
                state = new CfaRule((int)reader.Unsigned(), reader.Signed() * rules.DataStep, default);
                break;
            case 0x13:
                state = state with { Offset = reader.Signed() * rules.DataStep };
                break;
        }

        return at;
    }
}
