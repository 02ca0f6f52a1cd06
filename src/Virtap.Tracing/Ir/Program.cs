using Virtap.Language;
using Virtap.Language.Binding.Targets;
using Virtap.Language.Diagnostics;
using Virtap.Tracing.Memory;
using Virtap.Tracing.Probes;

namespace Virtap.Tracing.Ir;

/// <summary>A whole script, ready for any machine.</summary>
public sealed record LoweredProgram
{
    /// <summary>Where everything lies.</summary>
    public required MemoryLayout Layout { get; init; }

    /// <summary>The probes, in the script's order.</summary>
    public required IReadOnlyList<LoweredHandler> Handlers { get; init; }

    /// <summary>The perf events that are read.</summary>
    public IReadOnlyList<SampleTarget> Counters { get; init; } = [];

    /// <summary>Print statements; a site's id is its index.</summary>
    public required IReadOnlyList<PrintSite> PrintSites { get; init; }

    /// <summary>What in the script can raise errors.</summary>
    public required IReadOnlyList<ErrorSite> ErrorSites { get; init; }

    /// <summary>What memory holds before begin: literals, site tables and initial values of globals.</summary>
    public required IReadOnlyList<InitialBytes> Initial { get; init; }

    /// <summary>
    /// Where the script has them: the first of the statements that each of its own became, and the bodies of handlers. By identity.
    /// </summary>
    public IReadOnlyDictionary<LoweredStatement, SourceSpan> Spans { get; init; } = new Dictionary<LoweredStatement, SourceSpan>();

    /// <summary>The script's globals, in order of declaration.</summary>
    public IReadOnlyList<LoweredGlobal> Globals { get; init; } = [];

    /// <summary>Whether it asks how busy the machine is, which the session then has to tell it.</summary>
    public bool ReadsLoad { get; init; }

    /// <summary>Tells that the memory is more than some machine has, at the largest array, with what makes it smaller.</summary>
    public void ReportMemory(string reason, DiagnosticBag diagnostics)
    {
        LoweredGlobal? largest = Globals.Where(global => global.Array is not null)
            .MaxBy(global => (long)global.Array!.MaxEntries * global.Array.EntryBytes);
        string? hint = largest?.Array is { } array
            ? $"array '{array.Name}' has {array.MaxEntries} elements of {array.EntryBytes} bytes; "
                + $"declare it smaller (global {array.Name}[1000]), or set -DMAXMAPENTRIES or -DMAXSTRINGLEN"
            : null;
        diagnostics.Semantic(reason, largest?.Span, hint);
    }

    /// <summary>Where the script has a statement or a handler's body; null where that is not known.</summary>
    public SourceSpan? SpanOf(LoweredStatement statement) => Spans.TryGetValue(statement, out SourceSpan span) ? span : null;
}

/// <summary>The code of one probe, and the sites whose hits run it.</summary>
/// <param name="Name">A name for listings and programs: letters, digits and underscores, unique in the program.</param>
/// <param name="Targets">The sites; a hit's index among them is its <c>Site</c>.</param>
/// <param name="Body">What it does.</param>
/// <param name="MaxActions">MAXACTION for this handler; actions are counted only if the body holds <see cref="CountActions"/>.</param>
/// <param name="HasLoops">Whether the body, or a function it calls, goes backward.</param>
/// <param name="Functions">Every function it may call, callees before callers where there is no recursion.</param>
public sealed record LoweredHandler(
    string Name,
    IReadOnlyList<ProbeTarget> Targets,
    LoweredStatement Body,
    int MaxActions,
    bool HasLoops,
    IReadOnlyList<LoweredFunction> Functions)
{
    /// <summary>
    /// The probe's condition, where only this process's handlers turn it: the probe need not be in place while it does not hold. The body
    /// asks it too. Null for a probe that is always in place.
    /// </summary>
    public LongExpression? ArmedWhile { get; init; }

    /// <summary>Where the targets are several system calls, how the one that was made is found among them; null for all others.</summary>
    public CallTable? Calls { get; init; }
}

/// <summary>Words of memory by the numbers of system calls: 0 for one that is not meant, else one more than the target's index.</summary>
/// <param name="Offset">The first word's place in memory.</param>
/// <param name="Count">How many there are.</param>
public sealed record CallTable(int Offset, int Count);

/// <summary>A function of the script. Its parameters, locals and result lie at fixed slots.</summary>
public sealed class LoweredFunction(string name)
{
    /// <summary>The name in the script.</summary>
    public string Name { get; } = name;

    /// <summary>What it does; set once, after every function has been made, because functions may call each other.</summary>
    public LoweredStatement Body { get; set; } = new LoweredBlock([]);

    /// <summary>First byte and length of its slots in a context; what a recursive call has to save.</summary>
    public int SlotsOffset { get; set; }

    /// <inheritdoc cref="SlotsOffset"/>
    public int SlotsBytes { get; set; }

    /// <summary>A word of its slots for a machine that has to remember where to go on behind the call.</summary>
    public ContextSlot ReturnTo { get; set; } = new(0);

    /// <summary>A word of its slots for a machine that has to remember where an error goes that it does not catch.</summary>
    public ContextSlot CatchAt { get; set; } = new(0);

    /// <summary>Whether it can call itself, directly or not.</summary>
    public bool IsRecursive { get; set; }
}

/// <summary>A global of the script, for those who show it.</summary>
/// <param name="Name">Its name in the script.</param>
/// <param name="Span">Where the script declares it.</param>
/// <param name="Type">The type of its value, or of an array's values.</param>
/// <param name="Offset">Where it, or an array's header, lies in memory; of a scalar aggregate, where in each context its part is.</param>
/// <param name="Array">The array, or null for a scalar.</param>
/// <param name="IsPrintedAtEnd">The script writes it and never reads it: it is printed when the session ends.</param>
/// <param name="Statistic">What is kept of a scalar aggregate; null for everything else.</param>
public sealed record LoweredGlobal(
    string Name, SourceSpan Span, ScriptType Type, int Offset, ArrayLayout? Array, bool IsPrintedAtEnd,
    StatisticLayout? Statistic = null);
