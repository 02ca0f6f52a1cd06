using System.Numerics;
using Virtap.Bpf.Instructions;
using Virtap.Bpf.Programs;
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

    /// <summary>
    /// The program that counts, where functions begin whose returns are probed, those that the kernel will not catch
    /// (<c>prepare_uretprobe</c> in kernel/events/uprobes.c, 6.18): beside handlers of returns. Needs the kernel's types.
    /// </summary>
    public static ProgramSpec EmitReturnGuard()
    {
        const int MaxDepth = 64, Word = -8;
        var code = new BpfAssembler("missed_returns", BpfProgramKind.Uprobe);
        BpfLabel end = code.NewLabel();
        code.LoadMapValue(BpfRegister.R1, EmitNames.Memory, SessionCells.State);
        code.Load(BpfSize.Double, BpfRegister.R1, BpfRegister.R1, 0);
        code.Jump(BpfCondition.NotEqual, BpfRegister.R1, (int)SessionState.Running, end);
        code.Call(BpfHelper.GetCurrentTask);
        Read("task_struct", "utask", BpfSize.Double);
        // A thread that was never probed before has none.
        code.Jump(BpfCondition.Equal, BpfRegister.R0, 0, end);
        Read("uprobe_task", "depth", BpfSize.Word);
        code.Jump(BpfCondition.Less, BpfRegister.R0, MaxDepth, end);
        code.LoadMapValue(BpfRegister.R1, EmitNames.Memory, SessionCells.MissedReturns);
        code.Move(BpfRegister.R2, 1);
        code.Atomic(BpfAtomic.Add, BpfRegister.R1, 0, BpfRegister.R2);
        code.Bind(end);
        code.Move(BpfRegister.R0, 0);
        code.Exit();
        return code.Build();

        // R0 = a member of the structure that R0 points to.
        void Read(string structure, string member, BpfSize size)
        {
            code.Move(BpfRegister.R3, BpfRegister.R0);
            code.AddMemberOffset(BpfRegister.R3, structure, member);
            code.Store(BpfSize.Double, BpfRegister.R10, Word, 0);
            code.PointToStack(BpfRegister.R1, Word);
            code.Move(BpfRegister.R2, size == BpfSize.Double ? sizeof(long) : sizeof(int));
            code.Call(BpfHelper.ProbeReadKernel);
            code.Load(size, BpfRegister.R0, BpfRegister.R10, Word);
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
