using Virtap.Bpf.Instructions;
using Virtap.Bpf.Programs;
using Virtap.Tracing.Backends.Ebpf.Routines;
using Virtap.Tracing.Ir;
using Virtap.Tracing.Memory;
using Virtap.Tracing.Patterns;

namespace Virtap.Tracing.Backends.Ebpf;

/// <summary>Regular expressions: one routine walks through whatever table.</summary>
internal sealed partial class HandlerEmitter
{
    private void EvaluateMatch(PatternMatch match)
    {
        EvaluateString(match.Subject);
        _code.Move(BpfRegister.R1, BpfRegister.R0);
        OffsetOfSlot(BpfRegister.R2, ContextCells.Scratch);
        EmitWalk(match.Table);
    }

    private void EmitMatchPattern(MatchPattern match)
    {
        BpfLabel failed = _code.NewLabel();
        OffsetOfSlot(BpfRegister.R1, match.Text.Offset);
        OffsetOfSlot(BpfRegister.R2, match.Bounds.Offset - (PatternTable.StateWords * 8));
        EmitWalk(match.Table);
        _code.Jump(BpfCondition.Equal, BpfRegister.R0, 0, failed);
        _code.Move(BpfRegister.R0, match.Table.Groups);
        _code.Bind(failed);
        StoreSlot(match.Groups);
    }

    /// <summary>R0 = whether the string at R1 matches; the words of the walk are at R2, and behind them the registers.</summary>
    private void EmitWalk(PatternTable table)
    {
        long steps = (_layout.StringBytes + 1L) * table.StepsOfByte;
        _code.LoadConstant(BpfRegister.R3, (uint)table.FirstRow | ((long)table.FirstCommands << 32));
        _code.Move(BpfRegister.R4, table.Offset);
        _code.Move(BpfRegister.R5, (int)Math.Min(steps, RoutineSet.MaxIterations));
        _routines.Call(table.Registers > 0 ? Routine.MatchGroups : Routine.Match);
    }
}
