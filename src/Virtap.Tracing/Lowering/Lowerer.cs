using System.Numerics;
using Virtap.Language.Binding;
using Virtap.Language.Binding.Symbols;
using Virtap.Language.Binding.Tree;
using Virtap.Language.Diagnostics;
using Virtap.Tracing.Lowering.Analysis;
using Virtap.Tracing.Lowering.Tree;
using Virtap.Tracing.Memory;

namespace Virtap.Tracing.Lowering;

/// <summary>
/// Turns a bound program into a lowered one, which any machine can run: every variable gets its place in memory; calls, assignments and whatever else has an effect move out of
/// expressions into statements before them, in the script's order; statements are counted where they could exceed MAXACTION; the lock is placed.
/// </summary>
public sealed partial class Lowerer
{
    /// <summary>Strings are handled in words of eight bytes; an element of an array has room for one of the longest.</summary>
    private const int LeastStringLength = 8;
    private const int MostStringLength = 4096;

    private const int MostOutputBytes = 16384;

    private readonly LoweringOptions _options;
    private readonly DiagnosticBag _diagnostics;
    private readonly ProgramFacts _facts;
    private readonly IReadOnlyList<Handler> _handlers;
    private readonly Sharing _sharing;
    private readonly MemoryLayoutBuilder _memory;
    private readonly SiteTable _sites = new();
    private readonly List<PrintSite> _prints = [];
    private readonly Dictionary<GlobalSymbol, GlobalPlace> _scalars = [];
    private readonly Dictionary<GlobalSymbol, ArrayLayout> _arrays = [];

    /// <summary>The functions that exist once, and those that exist once for each handler because they ask which target was hit.</summary>
    private readonly Dictionary<FunctionSymbol, FunctionSlots> _functions = [];
    private readonly Dictionary<FunctionSymbol, FunctionSlots> _ownFunctions = [];
    private readonly HashSet<FunctionSymbol> _countingFunctions = [];
    private readonly HashSet<string> _functionNames = [];

    private TargetTexts? _texts;
    private Body _body = null!;
    private List<LoweredStatement> _statements = [];

    private Lowerer(BoundProgram program, LoweringOptions options, DiagnosticBag diagnostics)
    {
        _options = options;
        _diagnostics = diagnostics;
        _facts = new ProgramFacts(program);
        _handlers = [.. program.Probes.SelectMany(Split)];
        _sharing = new Sharing(_handlers.Select(handler => (handler.Kind, handler.Reach)));
        _memory = new MemoryLayoutBuilder(options.MaxStringLength, options.CpuCount, options.ContextsPerCpu, OutputBytes());
    }

    /// <summary>A probe's targets of one kind.</summary>
    private sealed record Handler(BoundProbe Probe, HandlerKind Kind, IReadOnlyList<ProbeTarget> Targets, Reach Reach, int MaxActions)
    {
        public bool CountsActions => Reach.MostActions >= MaxActions;
    }

    /// <summary>Lowers a program; null, and the reason among the diagnostics, if that cannot be done.</summary>
    public static LoweredProgram? Lower(BoundProgram program, LoweringOptions options, DiagnosticBag diagnostics)
    {
        int errors = diagnostics.ErrorCount;
        if (options.MaxStringLength is < LeastStringLength or > MostStringLength)
        {
            diagnostics.Semantic($"MAXSTRINGLEN={options.MaxStringLength} is not supported", null, $"between {LeastStringLength} and {MostStringLength}");
            return null;
        }

        LoweredProgram lowered = new Lowerer(program, options, diagnostics).Lower(program);
        return diagnostics.ErrorCount == errors ? lowered : null;
    }

    private LoweredProgram Lower(BoundProgram program)
    {
        LoweredGlobal[] globals = [.. program.Globals.Select(LowerGlobal)];
        foreach (Handler handler in _handlers)
        {
            if (handler.CountsActions)
                _countingFunctions.UnionWith(handler.Reach.Functions);
        }

        foreach (IReadOnlyList<FunctionSymbol> group in _facts.Groups)
        {
            if (!_facts.ReachOf(group[0]).AsksForTarget)
                LowerFunctions(group, _functions, suffix: "");
        }

        int slotsEnd = _memory.FirstSlot;
        var handlers = new List<LoweredHandler>();
        for (int i = 0; i < _handlers.Count; i++)
        {
            handlers.Add(LowerHandler(_handlers[i], $"probe_{i}"));
            slotsEnd = Math.Max(slotsEnd, _body.Frame.End);
        }

        MemoryLayout layout = _memory.Build(slotsEnd);
        if (_memory.IsTooLarge)
            _diagnostics.Semantic($"the script's memory would take more than {MemoryLayoutBuilder.MostBytes >> 20} MB", null, LargestArrayHint());
        return new LoweredProgram
        {
            Layout = layout,
            Handlers = handlers,
            PrintSites = _prints,
            ErrorSites = _sites.Sites,
            Initial = _memory.Initial,
            Globals = globals,
        };
    }

    /// <summary>Targets of different kinds become handlers of their own.</summary>
    private IEnumerable<Handler> Split(BoundProbe probe)
    {
        Reach reach = _facts.ReachOf(probe);
        foreach (IGrouping<HandlerKind, ProbeTarget> group in probe.Targets.GroupBy(_options.KindOf))
        {
            int maxActions = group.Key == HandlerKind.Alone ? _options.MaxActionsInterruptible ?? (int)Math.Min(_options.MaxActions * 10L, int.MaxValue) : _options.MaxActions;
            yield return new Handler(probe, group.Key, [.. group], reach, maxActions);
        }
    }

    private LoweredHandler LowerHandler(Handler handler, string name)
    {
        _texts = new TargetTexts(handler.Targets, _memory);
        _ownFunctions.Clear();
        int first = _memory.FirstSlot;
        var functions = new List<LoweredFunction>();
        foreach (IReadOnlyList<FunctionSymbol> group in _facts.Groups)
        {
            if (!handler.Reach.Functions.Contains(group[0]))
                continue;
            if (_facts.ReachOf(group[0]).AsksForTarget)
                LowerFunctions(group, _ownFunctions, "_of_" + name);
            foreach (FunctionSymbol function in group)
            {
                if (handler.Kind == HandlerKind.InTarget && _facts.IsRecursive(function))
                    _diagnostics.Semantic($"recursive function '{function.Name}' is not supported yet in probes of running code", function.Span);
                FunctionSlots slots = SlotsOf(function);
                functions.Add(slots.Function);
                first = Math.Max(first, slots.End);
            }
        }

        _body = new Body(new Frame(first, _memory.StringBytes), null, handler.CountsActions);
        LoweredStatement body = LowerBody(handler.Probe.Body, () => Declare(handler.Probe.Locals));
        if (handler.Kind != HandlerKind.Alone)
            body = WithLock(body, handler.Reach);
        // One more statement than are left is too many, and SystemTap ends a handler that has none left.
        return new LoweredHandler(name, handler.Targets, body, handler.MaxActions - 1, handler.Reach.HasLoops, functions);
    }

    /// <summary>Places the lock, if the handler needs it; then it guards additions too, so that a handler that does not get it has done nothing.</summary>
    private LoweredStatement WithLock(LoweredStatement body, Reach reach)
    {
        if (!reach.Accesses.Keys.Any(_sharing.IsLocked))
            return body;
        bool Counts(GlobalSymbol global) => _sharing.IsLocked(global) || _sharing.IsAtomic(global);
        var scalars = _scalars.Where(each => Counts(each.Key)).Select(each => each.Value.Offset).ToHashSet();
        var arrays = _arrays.Where(each => Counts(each.Key)).Select(each => each.Value).ToHashSet();
        var functions = reach.Functions.Where(each => _facts.ReachOf(each).Accesses.Keys.Any(Counts)).Select(each => SlotsOf(each).Function).ToHashSet();
        return new LockPlacement(scalars, arrays, functions).Place(body);
    }

    private LoweredGlobal LowerGlobal(GlobalSymbol global)
    {
        bool isPrinted = global.IsWritten && !global.IsRead;
        if (global.Type == ScriptType.Statistics)
            NotSupported("aggregates", global.Span);
        if (global.KeyTypes is { } keys)
        {
            ArrayLayout array = LowerArray(global, keys);
            return new LoweredGlobal(global.Name, global.Type, array.Offset, array, isPrinted);
        }

        GlobalPlace place = _memory.AddScalar(global.Type, global.InitialValue, _sharing.IsAtomic(global));
        _scalars[global] = place;
        return new LoweredGlobal(global.Name, global.Type, place.Offset, null, isPrinted);
    }

    private ArrayLayout LowerArray(GlobalSymbol global, IReadOnlyList<ScriptType> keys)
    {
        long size = global.Size ?? _options.MaxMapEntries;
        if (size is < 1 or > MemoryLayoutBuilder.MostBytes / 64)
        {
            _diagnostics.Semantic($"array '{global.Name}' cannot have {size} elements", global.Span, $"between 1 and {MemoryLayoutBuilder.MostBytes / 64}");
            size = 1;
        }

        ArrayLayout array = _memory.AddArray(global.Name, keys, global.Type, (int)size, global.Wraps, hasDeclaredSize: global.Size is not null);
        if (array.EntryBytes > SessionCells.First)
        {
            _diagnostics.Semantic($"an element of array '{global.Name}' would take {array.EntryBytes} bytes; at most {SessionCells.First} are possible", global.Span,
                "use fewer keys, or shorter strings: -DMAXSTRINGLEN=128");
        }

        _arrays[global] = array;
        return array;
    }

    private string? LargestArrayHint()
    {
        ArrayLayout? largest = _arrays.Values.MaxBy(array => (long)array.MaxEntries * array.EntryBytes);
        return largest is null ? null
            : $"array '{largest.Name}' has {largest.MaxEntries} elements of {largest.EntryBytes} bytes; declare it smaller (global {largest.Name}[1000]), or set -DMAXMAPENTRIES or -DMAXSTRINGLEN";
    }

    /// <summary>The output buffer holds at least the largest print, so that one item is never split; eBPF reaches so far with an instruction's offset.</summary>
    private int OutputBytes()
    {
        int stringBytes = MemoryLayoutBuilder.BytesOfString(_options.MaxStringLength) + 16;
        IEnumerable<BodyFacts> bodies = _facts.Probes.Values.Concat(_facts.Groups.SelectMany(group => group).Select(_facts.BodyOf));
        int most = bodies.SelectMany(body => body.Prints).Select(print => RecordFormat.HeaderBytes + (print.Longs * 8) + (print.Strings * stringBytes)).DefaultIfEmpty(0).Max();
        return Math.Max(_options.OutputBytes, (int)BitOperations.RoundUpToPowerOf2((uint)Math.Min(most, MostOutputBytes)));
    }

    private void NotSupported(string what, SourceSpan span) => _diagnostics.Semantic($"{what} are not supported yet", span);
}
