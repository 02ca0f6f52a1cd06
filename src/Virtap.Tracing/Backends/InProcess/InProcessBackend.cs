using Virtap.Bpf.Btf;
using Virtap.Language;
using Virtap.Language.Diagnostics;
using Virtap.Processes;
using Virtap.Tracing.Ir;
using Virtap.Tracing.Memory;
using Virtap.Tracing.Probes;
using Virtap.Tracing.Runtime;

namespace Virtap.Tracing.Backends.InProcess;

/// <summary>
/// Handlers that run in this process: begin, end, error, timers, process events. There is nothing to translate: the lowered tree is what
/// runs.
/// </summary>
public sealed class InProcessBackend : IBackend
{
    /// <summary>For a machine that has all that process events take: what -p3 is for.</summary>
    public static InProcessBackend Modern { get; } = new();

    /// <summary>For this machine.</summary>
    public static InProcessBackend Here => new()
    {
        SeesAllProcesses = PidNamespace.Own is null,
        HasKernelTypes = File.Exists(KernelBtf.VmlinuxPath),
    };

    /// <summary>Whether process ids here are the kernel's own.</summary>
    public bool SeesAllProcesses { get; init; } = true;

    /// <summary>Whether the kernel shows its types (BTF).</summary>
    public bool HasKernelTypes { get; init; } = true;

    /// <summary>All of it; and what handlers print here goes to the session at once: they write to no buffer.</summary>
    public MemoryLimits Memory => MemoryLimits.OfLayout;

    /// <inheritdoc/>
    public bool Supports(HandledTarget target) => target.Kind is HandlerKind.Alone or HandlerKind.InProcess;

    /// <inheritdoc/>
    public HandlerCode Translate(LoweredProgram program, IReadOnlyList<LoweredHandler> handlers, DiagnosticBag diagnostics)
    {
        if (handlers.FirstOrDefault(h => h.Targets.Any(t => t is ProcessEventTarget)) is { } watching)
        {
            SourceSpan? span = program.SpanOf(watching.Body);
            const string These = "process.begin and process.end";
            if (!SeesAllProcesses)
                diagnostics.Semantic($"{These} are {PidNamespace.NotSupported}", span);
            else if (!HasKernelTypes)
                diagnostics.Semantic($"{These} need the kernel's types, which this kernel does not show ({KernelBtf.VmlinuxPath})", span);
        }

        return new InProcessCode(program, handlers);
    }

    private sealed class InProcessCode(LoweredProgram program, IReadOnlyList<LoweredHandler> handlers) : HandlerCode(program, handlers)
    {
        internal override LoadedHandlers Load(SessionMemory memory, IRecordSink records, bool isTimed) =>
            new InProcessHandlers(this, memory, records, isTimed);
    }
}
