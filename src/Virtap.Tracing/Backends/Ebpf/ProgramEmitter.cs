using System.Numerics;
using Virtap.Bpf.Specs;
using Virtap.Language;
using Virtap.Tracing.Backends.Ebpf.Emission;
using Virtap.Tracing.Ir;
using Virtap.Tracing.Memory;

namespace Virtap.Tracing.Backends.Ebpf;

/// <summary>
/// Turns lowered handlers into eBPF programs. Deterministic, and no kernel is touched: the same tree and options give the same bytes.
/// </summary>
public static class ProgramEmitter
{
    /// <summary>Makes the program of one handler.</summary>
    public static EmitResult Emit(LoweredProgram program, LoweredHandler handler, EmitOptions options)
    {
        var emitter = new HandlerEmitter(program, handler, options);
        try
        {
            if (emitter.Emit(isStepwise: false) is { } straight)
                return new EmitResult(straight, null);
            emitter = new HandlerEmitter(program, handler, options);
            return new EmitResult(emitter.Emit(isStepwise: true), null);
        }
        catch (NotEmittableException e)
        {
            return new EmitResult(null, new Unemittable(e.Message, emitter.Span, e.Hint));
        }
    }

    /// <summary>The maps that the programs of a session share.</summary>
    /// <param name="layout">The session's memory.</param>
    /// <param name="ringBytes">Least size of the ring buffer: a power of two of whole pages is made of it.</param>
    public static IReadOnlyList<MapSpec> Maps(MemoryLayout layout, uint ringBytes) =>
    [
        MapSpec.Memory(EmitNames.Memory, MemoryBytes(layout)),
        MapSpec.Ring(EmitNames.Output, BitOperations.RoundUpToPowerOf2(Math.Max(ringBytes, (uint)Environment.SystemPageSize))),
    ];

    /// <summary>Bytes of the memory that the programs of a session share with it.</summary>
    public static uint MemoryBytes(MemoryLayout layout) => (uint)(layout.AddressableBytes + layout.GuardBytes);
}

/// <summary>A handler's program, or why there is none: exactly one of the two is set.</summary>
public readonly record struct EmitResult(ProgramSpec? Program, Unemittable? Unsupported);

/// <summary>Why a handler has no program.</summary>
/// <param name="Reason">In words.</param>
/// <param name="Span">Where the script has the statement; null where the tree does not tell.</param>
/// <param name="Hint">What can be done about it.</param>
public sealed record Unemittable(string Reason, SourceSpan? Span = null, string? Hint = null);
