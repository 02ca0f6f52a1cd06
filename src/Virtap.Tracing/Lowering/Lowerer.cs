using System.Numerics;
using Virtap.Language;
using Virtap.Language.Binding.Targets;
using Virtap.Language.Binding.Tree;
using Virtap.Language.Diagnostics;
using Virtap.Processes.Files;
using Virtap.Tracing.Ir;
using Virtap.Tracing.Lowering.Analysis;
using Virtap.Tracing.Memory;
using Virtap.Tracing.Patterns;
using Virtap.Tracing.Probes;

namespace Virtap.Tracing.Lowering;

/// <summary>
/// Turns a bound program into a lowered one, which any machine can run: every variable gets its place in memory; calls, assignments and
/// whatever else has an effect move out of expressions into statements before them, in the script's order; statements are counted where
/// they could exceed MAXACTION; the lock is placed.
/// </summary>
public sealed partial class Lowerer
{
    private readonly LoweringOptions _options;
    private readonly DiagnosticBag _diagnostics;
    private readonly ProgramFacts _facts;
    private readonly IReadOnlyList<Handler> _handlers;
    private readonly Sharing _sharing;
    private readonly MemoryLayoutBuilder _memory;
    private readonly SiteTable _sites = new();
    private readonly List<PrintSite> _prints = [];
    private readonly Dictionary<GlobalSymbol, GlobalSlot> _scalars = [];
    private readonly Dictionary<GlobalSymbol, ArrayLayout> _arrays = [];

    /// <summary>The functions that exist once, and those that exist once for each handler because they ask which target was hit.</summary>
    private readonly Dictionary<FunctionSymbol, FunctionSlots> _functions = [];
    private readonly Dictionary<FunctionSymbol, FunctionSlots> _ownFunctions = [];
    private readonly HashSet<FunctionSymbol> _countingFunctions = [];
    private bool _readsLoad;
    private readonly HashSet<string> _functionNames = [];
    private readonly Dictionary<LoweredStatement, SourceSpan> _spans = new(ReferenceEqualityComparer.Instance);

    private readonly CallDepth? _nesting;

    private readonly Dictionary<string, PatternTable> _patterns = [];
    private MatchSlots? _match;

    private TargetTexts? _texts;
    private Body _body;
    private List<LoweredStatement> _statements = [];

    private Lowerer(BoundProgram program, LoweringOptions options, DiagnosticBag diagnostics)
    {
        _options = options;
        _diagnostics = diagnostics;
        _facts = new ProgramFacts(program);
        _handlers = [.. program.Probes.SelectMany(Split)];
        _sharing = new Sharing(_handlers.Select(handler => (handler.Kind, handler.Reach)));
        _memory = new MemoryLayoutBuilder(options.MaxStringLength, options.CpuCount, options.ContextsPerCpu, OutputBytes(), options.Memory);
        _body = new Body(new Frame(_memory.FirstSlot, _memory.StringBytes), null, countsActions: false);
        int max = options.MaxNesting ?? _facts.Groups.Sum(group => group.Count) + CallDepth.MoreForRecursion;
        if (_handlers.Any(handler => handler.Reach.Nesting > max))
            _nesting = new CallDepth(new ContextSlot(_memory.FirstSlot), max);
    }

    /// <summary>A probe's targets of one kind.</summary>
    private sealed record Handler(BoundProbe Probe, HandlerKind Kind, IReadOnlyList<ProbeTarget> Targets, Reach Reach, int MaxActions)
    {
        public bool CountsActions => Reach.MaxActions >= MaxActions;
    }

    /// <summary>Lowers a program; null, and the reason among the diagnostics, if that cannot be done.</summary>
    public static LoweredProgram? Lower(BoundProgram program, LoweringOptions options, DiagnosticBag diagnostics)
    {
        int errors = diagnostics.ErrorCount;
        if (options.MaxStringLength is < LoweringOptions.ShortestString or > LoweringOptions.LongestString)
        {
            string range = $"between {LoweringOptions.ShortestString} and {LoweringOptions.LongestString}";
            diagnostics.Semantic($"MAXSTRINGLEN={options.MaxStringLength} is not supported", null, range);
            return null;
        }

        if (options.SuppressesHandlerErrors)
            program = program with { Probes = [.. program.Probes.Select(CatchErrors)] };
        LoweredProgram lowered = new Lowerer(program, options, diagnostics).Lower(program);
        return diagnostics.ErrorCount == errors ? lowered : null;
    }

    /// <summary>Where the slots of functions and handlers begin: behind the parts of aggregates and what a match has found.</summary>
    private int FirstSlot => _match?.End ?? FirstSlotOfMatch;

    private int FirstSlotOfMatch => _memory.FirstSlot + (_nesting is null ? 0 : CallDepth.Bytes) + _statisticBytes;

    private static BoundProbe CatchErrors(BoundProbe probe) =>
        probe with { Body = new BoundTry(probe.Span, probe.Body, null, new BoundBlock(probe.Span, [])) };

    private LoweredProgram Lower(BoundProgram program)
    {
        LoweredGlobal[] globals = [.. program.Globals.Select(LowerGlobal)];
        BuildPatterns();
        foreach (Handler handler in _handlers)
        {
            if (handler.CountsActions)
                _countingFunctions.UnionWith(handler.Reach.Functions.Where(static function => !function.IsOwn));
        }

        foreach (IReadOnlyList<FunctionSymbol> group in _facts.Groups)
        {
            if (!_facts.GroupOf(group[0]).AsksForTarget)
                LowerFunctions(group, _functions, suffix: "");
        }

        int slotsEnd = FirstSlot;
        var handlers = new List<LoweredHandler>();
        for (int i = 0; i < _handlers.Count; i++)
        {
            handlers.Add(LowerHandler(_handlers[i], $"probe_{i}"));
            slotsEnd = Math.Max(slotsEnd, _body.Frame.End);
        }

        var lowered = new LoweredProgram
        {
            Layout = _memory.Build(slotsEnd, SavedBytes(handlers)),
            Handlers = handlers,
            PrintSites = _prints,
            ErrorSites = _sites.Sites,
            Initial = _memory.Initial,
            Globals = globals,
            Spans = _spans,
            ReadsLoad = _readsLoad,
            Counters = [.. program.Counters.Cast<SampleTarget>()],
        };
        if (_memory.IsTooLarge)
            lowered.ReportMemory($"the script's memory would take more than {_options.Memory.MaxBytes >> 20} MB", _diagnostics);
        return lowered;
    }

    /// <summary>What the calls that MAXNESTING allows can have saved of recursive functions' slots, where others run meanwhile.</summary>
    private long SavedBytes(List<LoweredHandler> handlers)
    {
        int largest = 0;
        for (int i = 0; i < handlers.Count; i++)
        {
            if (_handlers[i].Kind == HandlerKind.Alone)
                continue;
            foreach (LoweredFunction function in handlers[i].Functions)
            {
                if (function.IsRecursive)
                    largest = Math.Max(largest, function.SlotsBytes);
            }
        }

        return largest * (long)(_nesting?.Max ?? 0);
    }

    /// <summary>Targets of different kinds become handlers of their own.</summary>
    private IEnumerable<Handler> Split(BoundProbe probe)
    {
        Reach reach = _facts.ReachOf(probe);
        foreach (var group in probe.Targets.GroupBy(target => HookOf(target, probe)))
        {
            HandlerKind kind = group.Key.Kind;
            int maxActions = kind == HandlerKind.Alone ? MaxActionsAlone : _options.MaxActions;
            yield return new Handler(probe, kind, [.. group], reach, maxActions);
        }
    }

    /// <summary>
    /// What is hung in at places of the kernel has a program for each: only breakpoints say which of many was hit, and system calls their
    /// numbers. And a program looks for one owner of a library's code.
    /// </summary>
    private static (HandlerKind Kind, ProbeTarget? Hooked, FileIdentity? Owner) HookOf(ProbeTarget target, BoundProbe probe)
    {
        var handled = (HandledTarget)target;
        ProbeTarget? hooked = handled.Hook is null ? null
            : probe.Targets.First(other => other == target || target.SharesHandlerWith(other));
        return (handled.Kind, hooked, (handled as CodeTarget)?.Owner?.Identity);
    }

    private int MaxActionsAlone => _options.MaxActionsInterruptible ?? (int)Math.Min(_options.MaxActions * 10L, int.MaxValue);

    private LoweredHandler LowerHandler(Handler handler, string name)
    {
        _texts = new TargetTexts(handler.Targets, _memory);
        _ownFunctions.Clear();
        int first = FirstSlot;
        var functions = new List<LoweredFunction>();
        foreach (IReadOnlyList<FunctionSymbol> group in _facts.Groups)
        {
            if (!group.Any(handler.Reach.Functions.Contains))
                continue;
            if (_facts.GroupOf(group[0]).AsksForTarget)
                LowerFunctions(group, _ownFunctions, "_of_" + name);
            foreach (FunctionSymbol function in group)
            {
                FunctionSlots slots = SlotsOf(function);
                functions.Add(slots.Function);
                first = Math.Max(first, slots.End);
            }
        }

        RequireContext(handler);
        _body = new Body(new Frame(first, _memory.StringBytes), null, handler.CountsActions);
        LoweredStatement body = LowerBody(handler.Probe.Body, () =>
        {
            if (_nesting is not null && functions.Count > 0)
                Add(Clear(_nesting.Depth));
            if (_match is not null)
                Add(Clear(_match.Groups));
            Declare(handler.Probe.Locals);
        });
        if (handler.Kind != HandlerKind.Alone)
            body = WithLock(body, handler.Reach);
        _spans[body] = handler.Probe.Span;
        // One more statement than are left is too many, and SystemTap ends a handler that has none left.
        return new LoweredHandler(name, handler.Targets, body, handler.MaxActions - 1, handler.Reach.HasLoops, functions)
        {
            ArmedWhile = ConditionToArm(handler),
            Calls = CallsOf(handler.Targets),
        };
    }

    private CallTable? CallsOf(IReadOnlyList<ProbeTarget> targets)
    {
        if (targets is not [SyscallTarget, SyscallTarget, ..])
            return null;
        SyscallTarget[] calls = [.. targets.Cast<SyscallTarget>()];
        long[] words = new long[calls.Max(static call => call.Number!.Value) + 1];
        for (int i = 0; i < calls.Length; i++)
            words[calls[i].Number!.Value] = i + 1;
        return new CallTable(_memory.AddConstants(words), words.Length);
    }

    /// <summary>
    /// A condition that tells when a probe is to be in place. Where a handler in a target can turn it there is none: hits behind that one
    /// would be missed until the probe is there.
    /// </summary>
    private LongExpression? ConditionToArm(Handler handler)
    {
        if (handler is not { Kind: HandlerKind.InTarget, Probe.Condition: { } condition })
            return null;
        BodyFacts facts = BodyFacts.Of(new BoundExpressionStatement(condition.Span, condition));
        if (facts.Accesses.Keys.Any(global => _handlers.Any(other => other.Kind == HandlerKind.InTarget && Changes(other, global))))
            return null;
        (LoweredBlock effects, LongExpression value) = Apart(() => LowerLong(condition));
        return effects.Statements.Count == 0 ? value : null;
    }

    private static bool Changes(Handler handler, GlobalSymbol global) =>
        (handler.Reach.Accesses.GetValueOrDefault(global) & ~GlobalAccess.Read) != 0;

    /// <summary>What a handler and its functions ask of the thread has to be there at each of its targets.</summary>
    private void RequireContext(Handler handler)
    {
        foreach (HandledTarget target in handler.Targets.Cast<HandledTarget>())
        {
            if (handler.Reach.ContextReads.Select(target.Missing).FirstOrDefault(each => each is not null) is { } missing)
                _diagnostics.Semantic($"{target.Point}: {missing.Reason}", handler.Probe.Span, missing.Hint);
        }
    }

    /// <summary>
    /// Places the lock, if the handler needs it; then it guards additions too, so that a handler that does not get it has done nothing.
    /// </summary>
    private LoweredStatement WithLock(LoweredStatement body, Reach reach)
    {
        if (!reach.Accesses.Keys.Any(_sharing.IsLocked))
            return body;
        bool Counts(GlobalSymbol global) => _sharing.IsLocked(global) || _sharing.IsAtomic(global);
        var scalars = _scalars.Where(each => Counts(each.Key)).Select(each => each.Value.Offset).ToHashSet();
        var arrays = _arrays.Where(each => Counts(each.Key)).Select(each => each.Value).ToHashSet();
        var parts = _statistics.Where(each => Counts(each.Key)).Select(each => each.Value.Start).ToHashSet();
        var functions = _facts.Touching(reach, Counts).Select(each => SlotsOf(each).Function).ToHashSet();
        return new LockPlacement(scalars, arrays, parts, functions).Insert(body);
    }

    private LoweredGlobal LowerGlobal(GlobalSymbol global)
    {
        bool isPrinted = global.IsWritten && !global.IsRead;
        StatisticLayout? statistic = global.Type == ScriptType.Statistics ? StatisticOf(global, isPrinted) : null;
        if (global.KeyTypes is { } keys)
        {
            ArrayLayout array = LowerArray(global, keys, statistic);
            return new LoweredGlobal(global.Name, global.Span, global.Type, array.Offset, array, isPrinted);
        }

        if (statistic is not null)
            return LowerStatistic(global, statistic, isPrinted);
        var location = new GlobalSlot(_memory.AddScalar(global.Type, global.InitialValue, _sharing.IsAtomic(global)));
        _scalars[global] = location;
        return new LoweredGlobal(global.Name, global.Span, global.Type, location.Offset, null, isPrinted);
    }

    private ArrayLayout LowerArray(GlobalSymbol global, IReadOnlyList<ScriptType> keys, StatisticLayout? statistic)
    {
        long size = global.Size ?? _options.MaxMapEntries;
        if (size < 1 || size > _options.Memory.MaxBytes / 64)
        {
            string range = $"between 1 and {_options.Memory.MaxBytes / 64}";
            _diagnostics.Semantic($"array '{global.Name}' cannot have {size} elements", global.Span, range);
            size = 1;
        }

        bool hasDeclaredSize = global.Size is not null;
        ArrayLayout array = _memory.AddArray(global.Name, keys, global.Type, (int)size, global.Wraps, hasDeclaredSize, statistic);
        if (array.EntryBytes > SessionCells.First)
        {
            _diagnostics.Semantic(
                $"an element of array '{global.Name}' would take {array.EntryBytes} bytes; at most {SessionCells.First} are possible",
                global.Span,
                "use fewer keys, or shorter strings: -DMAXSTRINGLEN=128");
        }

        _arrays[global] = array;
        return array;
    }

    /// <summary>
    /// The output buffer holds at least the largest print, and an error's text, so that one item is never split, as far as all machines
    /// reach.
    /// </summary>
    private int OutputBytes()
    {
        int stringBytes = MemoryLayoutBuilder.BytesOfString(_options.MaxStringLength) + 16;
        IEnumerable<BodyFacts> bodies = _facts.Probes.Values.Concat(_facts.Groups.SelectMany(group => group).Select(_facts.BodyOf));
        long max = bodies
            .SelectMany(body => body.Prints)
            .Select(print => RecordFormat.HeaderBytes + (print.Longs * 8L) + (print.Strings * (long)stringBytes))
            .Append(RecordFormat.ErrorBytes(stringBytes))
            .Max();
        return Math.Max(_options.OutputBytes, (int)BitOperations.RoundUpToPowerOf2((uint)Math.Min(max, _options.Memory.MaxOutputBytes)));
    }

    private void NotSupported(string what, SourceSpan span) => _diagnostics.Semantic($"{what} are not supported yet", span);
}
