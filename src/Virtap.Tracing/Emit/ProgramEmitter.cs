using Virtap.Bpf.Specs;
using Virtap.Tracing.Lowering.Tree;
using Virtap.Tracing.Memory;

namespace Virtap.Tracing.Emit;

/// <summary>Turns lowered handlers into eBPF programs. Deterministic, and no kernel is touched: the same tree and options give the same bytes.</summary>
public static class ProgramEmitter
{
    /// <summary>Makes the program of one handler.</summary>
    public static EmitResult Emit(LoweredProgram program, LoweredHandler handler, EmitOptions options)
    {
        try
        {
            return new EmitResult(new HandlerEmitter(program, handler, options).Emit(), null);
        }
        catch (NotEmittableException e)
        {
            return new EmitResult(null, e.Message);
        }
    }

    /// <summary>The maps that the programs of a session share.</summary>
    /// <param name="layout">The session's memory.</param>
    /// <param name="ringBytes">Size of the ring buffer: a power of two of whole pages.</param>
    public static IReadOnlyList<MapSpec> Maps(MemoryLayout layout, uint ringBytes) =>
    [
        MapSpec.Memory(EmitNames.Memory, (uint)(layout.AddressableBytes + MemoryLayout.Slack)),
        MapSpec.Ring(EmitNames.Output, ringBytes),
    ];
}
