using Virtap.Bpf.Instructions;
using Virtap.Bpf.Programs;
using Virtap.Tracing.Backends.Ebpf.Emission;
using Virtap.Tracing.Memory;

namespace Virtap.Tracing.Backends.Ebpf.Routines;

/// <summary>
/// Waiting for the session's lock, for a bounded number of tries: who gives up is counted, never lost in silence. Who holds the lock
/// leaves the offset of the context there.
/// </summary>
internal static class LockRoutine
{
    /// <summary>Tries without bpf_loop (before Linux 5.17): the verifier walks through each of them.</summary>
    private const int UnrolledTries = 1024;

    private static readonly Routine Try = new("lock_try", 2, EmitTry);

    public static void Emit(RoutineSet set)
    {
        BpfAssembler code = set.Code;
        BpfLabel got = code.NewLabel();
        if (set.Options.HasLoopHelper)
        {
            code.Store(BpfSize.Double, BpfRegister.R10, -16, BpfRegister.R1);
            code.Store(BpfSize.Double, BpfRegister.R10, -8, 0);
            code.Move(BpfRegister.R1, BpfRegister.R2);
            set.Loop(Try, -16);
            code.Load(BpfSize.Double, BpfRegister.R1, BpfRegister.R10, -8);
            code.Jump(BpfCondition.NotEqual, BpfRegister.R1, 0, got);
        }
        else
        {
            code.Move(BpfRegister.R6, UnrolledTries);
            code.Move(BpfRegister.R7, BpfRegister.R1);
            BpfLabel again = code.MarkNew();
            EmitExchange(code, BpfRegister.R7);
            code.Jump(BpfCondition.Equal, BpfRegister.R0, 0, got);
            code.Alu(BpfAluOperator.Subtract, BpfRegister.R6, 1);
            code.Jump(BpfCondition.NotEqual, BpfRegister.R6, 0, again);
        }

        set.Return(1);
        code.Bind(got);
        set.Return(0);
    }

    private static void EmitTry(RoutineSet set)
    {
        BpfAssembler code = set.Code;
        BpfLabel busy = code.NewLabel();
        code.Move(BpfRegister.R6, BpfRegister.R2);
        // Looking before trying leaves the holder's cache line alone.
        set.EmitFixedPointer(BpfRegister.R1, SessionCells.Lock);
        code.Load(BpfSize.Double, BpfRegister.R1, BpfRegister.R1, 0);
        code.Jump(BpfCondition.NotEqual, BpfRegister.R1, 0, busy);
        code.Load(BpfSize.Double, BpfRegister.R7, BpfRegister.R6, 0);
        EmitExchange(code, BpfRegister.R7);
        code.Jump(BpfCondition.NotEqual, BpfRegister.R0, 0, busy);
        code.Store(BpfSize.Double, BpfRegister.R6, 8, 1);
        set.Return(1);
        code.Bind(busy);
        set.Return(0);
    }

    /// <summary>R0 = who has the lock, 0 if that is now <paramref name="context"/>: the offset of the context of who tries.</summary>
    public static void EmitExchange(BpfAssembler code, BpfRegister context)
    {
        code.LoadMapValue(BpfRegister.R1, EmitNames.Memory, SessionCells.Lock);
        code.Move(BpfRegister.R0, 0);
        code.Move(BpfRegister.R2, context);
        code.Atomic(BpfAtomic.CompareExchange, BpfRegister.R1, 0, BpfRegister.R2);
    }
}
