using Virtap.Language.Diagnostics;
using Virtap.Processes.Control;
using Virtap.Tracing.Ir;
using Virtap.Tracing.Memory;
using Virtap.Tracing.Probes;
using Virtap.Tracing.Runtime;

namespace Virtap.Tracing.Backends.Ptrace;

/// <summary>How targets are traced that are stopped for their handlers.</summary>
public sealed record PtraceOptions
{
    /// <summary>Whether there is a process of -x or -c: that one, and what descends from it, is what can be traced.</summary>
    public bool HasTarget { get; init; }

    /// <summary>Who is told of what is about to be written into targets; null for nobody.</summary>
    public IBreakpointLedger? Ledger { get; init; }

    /// <summary>Bytes of records that wait to be printed; what does not fit is lost, and counted.</summary>
    public int OutputBytes { get; init; } = 8 << 20;
}

/// <summary>
/// Handlers that run in this process while the thread that was hit stands still, by ptrace(2): of the session's target, what descends from
/// it, and the processes that the script names by their ids. It takes no privilege but that to trace them.
/// </summary>
public sealed class PtraceBackend(PtraceOptions options) : IBackend
{
    private const string Words = "--runtime=ptrace";

    private static (string Reason, string Hint) NoPerf =>
        ($"perf events are not to be had with {Words}", "they take eBPF, and root: leave the option out");

    /// <inheritdoc/>
    public MemoryLimits Memory => MemoryLimits.OfLayout;

    /// <inheritdoc/>
    public bool Supports(HandledTarget target) => target.Kind == HandlerKind.InTarget || target is ProcessEventTarget;

    /// <inheritdoc/>
    public HandlerCode Translate(LoweredProgram program, IReadOnlyList<LoweredHandler> handlers, DiagnosticBag diagnostics)
    {
        if (program.Counters is [var counter, ..])
            diagnostics.Semantic($"{counter.Point}: {NoPerf.Reason}", null, NoPerf.Hint);
        foreach (LoweredHandler handler in handlers)
        {
            var target = (HandledTarget)handler.Targets[0];
            if (Refusal(target) is not (string reason, string hint))
                continue;
            diagnostics.Semantic($"{target.Point}: {reason}", program.SpanOf(handler.Body), hint);
        }

        return new PtraceCode(program, handlers, options);
    }

    private (string Reason, string Hint)? Refusal(HandledTarget target)
    {
        if (target.Hook is TracepointHook && target is not SyscallTarget)
            return ($"trace points of the kernel are not to be had with {Words}", "they take eBPF, and root: leave the option out");
        if (target.Hook is PerfEventHook)
            return NoPerf;
        if (target.Hook is WatchpointHook)
            return ($"watchpoints are not to be had with {Words}", "they take eBPF, and root: leave the option out");
        if (!options.HasTarget && ProcessOf(target) is null)
            return ($"{Words} traces a process and what descends from it, and none is named", "name it: -x PID, or -c COMMAND");
        return null;
    }

    /// <summary>The process that a target names by its id.</summary>
    internal static int? ProcessOf(HandledTarget target) => target switch
    {
        CodeTarget code => code.Process,
        _ => target.Filter?.Process,
    };
}

/// <summary>The handlers as they are: the lowered tree is what runs.</summary>
internal sealed class PtraceCode(LoweredProgram program, IReadOnlyList<LoweredHandler> handlers, PtraceOptions options)
    : HandlerCode(program, handlers)
{
    internal override LoadedHandlers Load(SessionMemory memory, IRecordSink records, bool isTimed) =>
        new PtraceHandlers(this, options, memory, records, isTimed);
}
