using Virtap.Binaries.Code;
using Virtap.Binaries.Code.Paths;
using Virtap.Binaries.Code.Symbolic;
using Virtap.Binaries.Elf;

namespace Virtap.Binaries.Marks.Recovered;

/// <summary>Finds the functions that have trace events, and recovers the events' places in them.</summary>
internal sealed class TracedCode
{
    private readonly ElfFile _file;
    private readonly QemuTracing _tracing;
    private readonly FunctionRanges _ranges;
    private readonly InstructionSet _instructions;
    private readonly GlobalOffsetTable _linkage;
    private readonly CalledFunctions _functions;
    private readonly EventRecovery _recovery;

    private TracedCode(ElfFile file, QemuTracing tracing, FunctionRanges ranges, InstructionSet instructions)
    {
        _file = file;
        _tracing = tracing;
        _ranges = ranges;
        _instructions = instructions;
        _linkage = new GlobalOffsetTable(file);
        _functions = new CalledFunctions(file, ranges, instructions, _linkage);
        _recovery = new EventRecovery(file, tracing, _functions, _linkage);
    }

    /// <summary>Opens a file's code; null where its functions cannot be told apart.</summary>
    public static TracedCode? TryOpen(ElfFile file, QemuTracing tracing)
        => file.Architecture is { } architecture && FunctionRanges.TryOpen(file) is { } ranges
            ? new TracedCode(file, tracing, ranges, InstructionSets.Of(architecture)) : null;

    /// <summary>The places of one event.</summary>
    public IReadOnlyList<RecoveredEvent> Recover(string name, ulong state) => [.. Recover([(name, state)])[state]];

    /// <summary>The places of events, by the address of their states.</summary>
    public ILookup<ulong, RecoveredEvent> Recover(IReadOnlyList<(string Name, ulong State)> events)
    {
        Dictionary<ulong, string> names = [];
        foreach ((string name, ulong state) in events)
            names.TryAdd(state, name);
        List<(ulong State, RecoveredEvent Event)> found = [];
        if (names.Count == 0)
            return found.ToLookup(each => each.State, each => each.Event);
        foreach ((ulong start, int length) in FunctionsThatTest(names, found))
        {
            ControlFlow flow = new(_instructions.Decode(start, _file.BytesAt(start, length), _file), _functions);
            KnownState known = new(flow, _instructions.Convention, _linkage);
            Dictionary<ulong, List<int>> tests = TestsIn(known, names);
            foreach (ulong state in AddressesMade(known).Where(state => names.ContainsKey(state) && !tests.ContainsKey(state)))
                found.Add((state, new RecoveredEvent([], ["its state is read where it cannot be told from other variables"])));
            if (tests.Count == 0)
                continue;
            var function = new TracedFunction(_tracing, flow, known);
            foreach ((ulong state, List<int> indexes) in tests)
                found.Add((state, _recovery.Recover(function, names[state], state, indexes)));
        }

        return found.ToLookup(each => each.State, each => each.Event);
    }

    private SortedDictionary<ulong, int> FunctionsThatTest(Dictionary<ulong, string> names, List<(ulong State, RecoveredEvent Event)> found)
    {
        HashSet<ulong> states = [.. names.Keys], words = [.. _linkage.WordsWith(states)];
        SortedDictionary<ulong, int> functions = [];
        foreach (HashSet<ulong> targets in (ReadOnlySpan<HashSet<ulong>>)[states, words])
        {
            if (targets.Count > 0)
                FindFunctions(targets, functions, Lost);
        }

        return functions;

        void Lost(ulong reference)
        {
            if (_instructions.AddressTested(_file, reference) is not { } address)
                return;
            ulong state = _linkage.AddressIn(address) ?? address;
            if (states.Contains(state))
                found.Add((state, new RecoveredEvent([], ["a part of its code lies in no known function"])));
        }
    }

    private void FindFunctions(HashSet<ulong> targets, SortedDictionary<ulong, int> functions, Action<ulong> lost)
    {
        ReferenceSearch search = _instructions.SearchFor(targets);
        List<ulong> references = [];
        foreach (ElfSegment segment in _file.Segments)
        {
            if (segment is { Type: ElfSegmentType.Load, IsExecutable: true })
                search.Find(_file.BytesAt(segment.Address, int.MaxValue), segment.Address, references);
        }

        ulong start = 0;
        int length = 0;
        foreach (ulong reference in references)
        {
            // In order, so that a function is looked at once.
            if (reference - start < (ulong)length)
                continue;
            if (!_ranges.TryFind(reference, out start, out length))
            {
                length = 0;
                lost(reference);
            }
            else if (search.MayBeIn(_file.BytesAt(start, length), start))
            {
                functions[start] = length;
            }
        }
    }

    /// <summary>The addresses that a function takes from the global offset table.</summary>
    private IEnumerable<ulong> AddressesMade(KnownState known) =>
        known.Reads.Select(read => _linkage.AddressIn(read.Variable)).OfType<ulong>().Distinct();

    /// <summary>The instructions that read a state.</summary>
    private static Dictionary<ulong, List<int>> TestsIn(KnownState known, Dictionary<ulong, string> names)
    {
        Dictionary<ulong, List<int>> tests = [];
        foreach (VariableRead read in known.Reads)
        {
            if (!names.ContainsKey(read.Variable))
                continue;
            if (!tests.TryGetValue(read.Variable, out List<int>? indexes))
                tests.Add(read.Variable, indexes = []);
            indexes.Add(read.At);
        }

        return tests;
    }
}
