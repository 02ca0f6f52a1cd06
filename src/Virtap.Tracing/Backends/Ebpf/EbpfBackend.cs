using Virtap.Binaries;
using Virtap.Bpf.Specs;
using Virtap.Language.Diagnostics;
using Virtap.Tracing.Backends.Ebpf.Emission;
using Virtap.Tracing.Ir;
using Virtap.Tracing.Memory;
using Virtap.Tracing.Probes;

namespace Virtap.Tracing.Backends.Ebpf;

/// <summary>Handlers that run in the threads of targets, as programs in the kernel.</summary>
public sealed class EbpfBackend(EbpfOptions options) : IBackend
{
    /// <summary>Calls that the kernel's budget of a million instructions lasts for, if each is verified where it stands.</summary>
    private const int MaxStaticCalls = 32;

    /// <inheritdoc/>
    public MemoryLimits Memory => VerifierReach.Limits;

    /// <inheritdoc/>
    public bool Supports(HandledTarget target) => target.Kind == HandlerKind.InTarget;

    /// <inheritdoc/>
    public HandlerCode Translate(LoweredProgram program, IReadOnlyList<LoweredHandler> handlers, DiagnosticBag diagnostics)
    {
        EmitOptions emit = (options.Emit ?? EmitOptions.Of(options.Features)) with { IsConfinedToTarget = options.IsConfinedToTarget };
        if (options.LockTries is int tries)
            emit = emit with { LockTries = tries };
        RequireMemory(program, emit, diagnostics);
        var specs = new List<ProgramSpec>();
        foreach (LoweredHandler handler in handlers)
        {
            EmitResult result = ForeignProcessor(handler, emit) is { } foreign
                ? new EmitResult(null, foreign)
                : Emit(program, handler, emit);
            if (result.Program is { } spec)
                specs.Add(spec);
            else
                Report(program, handler, result.Unsupported!, diagnostics);
        }

        return new EbpfCode(program, handlers, specs, options);
    }

    private static void Report(LoweredProgram program, LoweredHandler handler, Unemittable why, DiagnosticBag diagnostics) =>
        diagnostics.Semantic($"{handler.Targets[0].Point}: {why.Reason}", why.Span ?? program.SpanOf(handler.Body), why.Hint);

    private static EmitResult Emit(LoweredProgram program, LoweredHandler handler, EmitOptions emit)
    {
        EmitResult result = ProgramEmitter.Emit(program, handler, emit);
        // Verified wherever they are called, routines take long: then rather with preemption on, and each of them once.
        if (emit is { HasPreemptionControl: true, RoutineLinkage: SubprogramLinkage.Static } && result.Program?.Calls > MaxStaticCalls)
        {
            EmitOptions preemptible = emit with { HasPreemptionControl = false, RoutineLinkage = SubprogramLinkage.Global };
            result = ProgramEmitter.Emit(program, handler, preemptible);
        }

        if (result.Program is not { HasLongJumps: true } large || emit.HasLongJumps)
            return result;
        string reason = $"this probe would take {large.Instructions.Length} instructions of eBPF, and jumps over so many need Linux 6.6";
        return new EmitResult(null, new Unemittable(reason, Hint: "do less in it, or do it in a loop"));
    }

    private static Unemittable? ForeignProcessor(LoweredHandler handler, EmitOptions emit)
    {
        foreach (CodeTarget target in handler.Targets.OfType<CodeTarget>())
        {
            if (target.Binary.Elf.Architecture is var architecture && architecture != emit.Architecture)
            {
                return new Unemittable($"{target.Binary.Path} is code of {ArchitectureNames.NameOf(architecture)}, which this machine "
                    + $"({ArchitectureNames.NameOf(emit.Architecture)}) does not run: it can be read here, not traced");
            }
        }

        return null;
    }

    private static void RequireMemory(LoweredProgram program, EmitOptions emit, DiagnosticBag diagnostics)
    {
        long bytes = ProgramEmitter.MemoryBytes(program.Layout);
        long max = emit.LargestMemory;
        if (bytes <= max)
            return;
        string reason = $"the script's memory of {bytes >> 20} MB is more than this kernel can share with programs ({max >> 20} MB)";
        program.ReportMemory(reason, diagnostics);
    }
}
