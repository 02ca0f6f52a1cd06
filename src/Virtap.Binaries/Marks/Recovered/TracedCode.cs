using System.Buffers.Binary;
using Iced.Intel;
using Virtap.Binaries.Elf;
using Virtap.Binaries.Machine;
using Virtap.Binaries.Machine.X64;

namespace Virtap.Binaries.Marks.Recovered;

/// <summary>Finds the functions that have trace events, and recovers the events' places in them.</summary>
internal sealed class TracedCode
{
    private readonly ElfFile _file;
    private readonly QemuTracing _tracing;
    private readonly FunctionRanges _ranges;
    private readonly X64Symbols _symbols;
    private readonly EventRecovery _recovery;

    private TracedCode(ElfFile file, QemuTracing tracing, FunctionRanges ranges)
    {
        _file = file;
        _tracing = tracing;
        _ranges = ranges;
        _symbols = new X64Symbols(file, ranges);
        _recovery = new EventRecovery(file, tracing, _symbols);
    }

    /// <summary>Opens a file's code; null where its functions cannot be told apart.</summary>
    public static TracedCode? TryOpen(ElfFile file, QemuTracing tracing)
        => FunctionRanges.TryOpen(file) is { } ranges ? new TracedCode(file, tracing, ranges) : null;

    /// <summary>The places of one event.</summary>
    public IReadOnlyList<EventPlaces> Recover(string name, ulong state) => [.. Recover([(name, state)])[state]];

    /// <summary>The places of events, by the address of their states.</summary>
    public ILookup<ulong, EventPlaces> Recover(IReadOnlyList<(string Name, ulong State)> events)
    {
        Dictionary<ulong, string> names = [];
        foreach ((string name, ulong state) in events)
            names.TryAdd(state, name);
        List<(ulong State, EventPlaces Places)> found = [];
        if (names.Count == 0)
            return found.ToLookup(place => place.State, place => place.Places);
        foreach ((ulong start, int length) in FunctionsThatTest(names, found))
        {
            X64Function code = X64Function.Decode(start, _file.BytesAt(start, length), _file);
            Dictionary<ulong, List<int>> tests = TestsIn(code, names);
            if (tests.Count == 0)
                continue;
            var function = new TracedFunction(_tracing, _symbols, code);
            foreach ((ulong state, List<int> indexes) in tests)
                found.Add((state, _recovery.Recover(function, names[state], state, indexes)));
        }

        return found.ToLookup(place => place.State, place => place.Places);
    }

    private SortedDictionary<ulong, int> FunctionsThatTest(Dictionary<ulong, string> names, List<(ulong State, EventPlaces Places)> found)
    {
        List<ulong> places = [];
        ulong lowest = names.Keys.Min(), highest = names.Keys.Max();
        foreach (ElfSegment segment in _file.Segments)
        {
            if (segment is { Type: ElfSegmentType.Load, IsExecutable: true })
                X64References.Find(_file.BytesAt(segment.Address, int.MaxValue), segment.Address, lowest, highest, places);
        }

        SortedDictionary<ulong, int> functions = [];
        foreach (ulong place in places)
        {
            if (TargetOf(place, names) is not ulong state)
                continue;
            if (_ranges.TryFind(place, out ulong start, out int length))
                functions[start] = length;
            else if (LooksLikeTest(place))
                found.Add((state, new EventPlaces([], ["a part of its code lies in no known function"])));
        }

        return functions;
    }

    /// <summary>The state to which four bytes lead if they are a displacement, with an immediate operand after them or without.</summary>
    private ulong? TargetOf(ulong place, Dictionary<ulong, string> names)
    {
        ReadOnlySpan<byte> bytes = _file.BytesAt(place, sizeof(int));
        ulong target = unchecked(place + sizeof(int) + (ulong)BinaryPrimitives.ReadInt32LittleEndian(bytes));
        for (ulong immediate = 0; immediate <= X64References.MaxImmediate; immediate++)
        {
            if (names.ContainsKey(target + immediate))
                return target + immediate;
        }

        return null;
    }

    /// <summary>Whether a displacement looks like that of <c>cmpw $0,STATE(%rip)</c>.</summary>
    private bool LooksLikeTest(ulong place)
        => _file.BytesAt(place - 3, 8) is [0x66, 0x83, 0x3d, _, _, _, _, 0];

    /// <summary>The instructions that read a state; those that set one are no tests.</summary>
    private static Dictionary<ulong, List<int>> TestsIn(X64Function code, Dictionary<ulong, string> names)
    {
        Dictionary<ulong, List<int>> tests = [];
        for (int at = 0; at < code.Count; at++)
        {
            if (!code[at].IsIPRelativeMemoryOperand || !names.ContainsKey(code[at].IPRelativeMemoryAddress)
                || (code[at].Mnemonic == Mnemonic.Mov && code[at].Op0Kind == OpKind.Memory))
                continue;
            if (!tests.TryGetValue(code[at].IPRelativeMemoryAddress, out List<int>? indexes))
                tests.Add(code[at].IPRelativeMemoryAddress, indexes = []);
            indexes.Add(at);
        }

        return tests;
    }
}
