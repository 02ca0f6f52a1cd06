using System.Diagnostics;
using Virtap.Bpf.Features;
using Virtap.Bpf.Maps;
using Virtap.Bpf.Programs;
using Virtap.Bpf.Specs;
using Virtap.Bpf.Tests.Support;
using Virtap.Tracing.Backends.Ebpf;
using Virtap.Tracing.Backends.Ebpf.Emission;
using Virtap.Tracing.Ir;
using Virtap.Tracing.Lowering;
using Virtap.Tracing.Probes;
using Virtap.Tracing.Tests.Backends.InProcess;
using Virtap.Tracing.Tests.Lowering;

namespace Virtap.Tracing.Tests.Backends.Ebpf;

/// <summary>A script's handlers in the real kernel, loaded and not attached: what became of each.</summary>
internal static class ScriptLoad
{
    /// <summary>A handler that the kernel has taken.</summary>
    internal sealed record Loaded(string Name, int Instructions, uint Verified, double Milliseconds)
    {
        public override string ToString() => $"{Instructions} instructions, {Verified} verified in {Milliseconds:f0} ms";
    }

    /// <summary>Has the handlers loaded; what the kernel refuses is an exception.</summary>
    public static IReadOnlyList<Loaded> Load(LoweredProgram program, EmitOptions? options = null)
    {
        RealKernel.Require();
        var maps = ProgramEmitter.Maps(program.Layout, 1 << 16);
        using var memory = SharedMemoryMap.Create(maps[0]);
        using var ring = RingBufferReader.Create(maps[1]);
        return [.. InTarget(program).Select(handler => Load(Emit(program, handler, options), memory.Map, ring.Map))];
    }

    public static Loaded Load(string script, LoweringOptions? limits = null) =>
        Load(Scripts.Lower(script, limits)).MaxBy(each => each.Verified)!;

    /// <summary>Why the first handler that has no program has none.</summary>
    public static Unemittable Refusal(string script)
    {
        LoweredProgram program = Scripts.Lower(script);
        return InTarget(program)
            .Select(handler => ProgramEmitter.Emit(program, handler, EmitOptions()).Unsupported)
            .OfType<Unemittable>().First();
    }

    /// <summary>What programs may use of this kernel.</summary>
    public static EmitOptions EmitOptions()
    {
        KernelFeatures features = KernelFeatures.Current;
        return new EmitOptions { Architecture = Binaries.Architecture.X64, HasPreemptionControl = features.PreemptionControl.Present };
    }

    private static IEnumerable<LoweredHandler> InTarget(LoweredProgram program) =>
        program.Handlers.Where(handler => handler.Targets[0] is HandledTarget { Kind: HandlerKind.InTarget });

    private static ProgramSpec Emit(LoweredProgram program, LoweredHandler handler, EmitOptions? options)
    {
        EmitResult result = ProgramEmitter.Emit(program, handler, options ?? EmitOptions());
        Assert.True(result.Program is not null, $"{result.Unsupported?.Span}: {result.Unsupported?.Reason}");
        return result.Program;
    }

    private static Loaded Load(ProgramSpec spec, params BpfMap[] maps)
    {
        long start = Stopwatch.GetTimestamp();
        using BpfProgram loaded = BpfProgram.Load(spec, maps);
        double time = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        return new Loaded(spec.Name, spec.Instructions.Length, loaded.GetInfo().VerifiedInstructions, time);
    }
}
