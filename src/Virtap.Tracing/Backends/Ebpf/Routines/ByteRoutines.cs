using Virtap.Bpf.Instructions;
using Virtap.Bpf.Programs;
using Virtap.Tracing.Memory;

namespace Virtap.Tracing.Backends.Ebpf.Routines;

/// <summary>Bytes, zeros among them, on their way into a string.</summary>
internal static class ByteRoutines
{
    private static readonly Routine ExpandStep = new("expand_step", 2, EmitExpandStep);

    public static void EmitAppend(RoutineSet set)
    {
        BpfAssembler code = set.Code;
        int max = set.Layout.MaxStringLength - 1;
        BpfRegister into = BpfRegister.R6, length = BpfRegister.R7, source = BpfRegister.R8, count = BpfRegister.R9;
        BpfLabel fits = code.NewLabel(), done = code.NewLabel();
        code.Move(into, BpfRegister.R1);
        code.Move(length, BpfRegister.R2);
        code.Move(source, BpfRegister.R3);
        code.Move(count, BpfRegister.R4);
        code.Jump(BpfCondition.Greater, length, max, done);
        code.Move(BpfRegister.R2, max);
        code.Alu(BpfAluOperator.Subtract, BpfRegister.R2, length);
        code.Jump(BpfCondition.LessOrEqual, count, BpfRegister.R2, fits);
        code.Move(count, BpfRegister.R2);
        set.EmitCount(SessionCells.CutStrings);
        code.Bind(fits);
        code.Jump(BpfCondition.Greater, count, max, done);
        code.Move(BpfRegister.R2, count);
        code.Move(BpfRegister.R4, into);
        set.EmitPointer(BpfRegister.R1, BpfRegister.R4);
        code.Alu(BpfAluOperator.Add, BpfRegister.R1, length);
        set.EmitPointer(BpfRegister.R3, source);
        code.Call(BpfHelper.ProbeReadKernel);
        code.Alu(BpfAluOperator.Add, length, count);
        set.EmitPointer(BpfRegister.R1, into);
        code.Alu(BpfAluOperator.Add, BpfRegister.R1, length);
        code.Store(BpfSize.Double, BpfRegister.R1, 0, 0);
        code.Bind(done);
        code.Move(BpfRegister.R0, length);
        code.Exit();
    }

    /// <summary>From the last byte to the first, so that none is overwritten before it is read.</summary>
    public static void EmitExpand(RoutineSet set)
    {
        BpfAssembler code = set.Code;
        code.Move(BpfRegister.R6, BpfRegister.R2);
        code.Store(BpfSize.Double, BpfRegister.R10, -16, BpfRegister.R1);
        code.Store(BpfSize.Double, BpfRegister.R10, -8, BpfRegister.R2);
        code.Move(BpfRegister.R1, BpfRegister.R2);
        set.Loop(ExpandStep, -16);
        code.Move(BpfRegister.R0, BpfRegister.R6);
        code.Alu(BpfAluOperator.ShiftLeft, BpfRegister.R0, 1);
        code.Exit();
    }

    /// <summary>The words: the offset of the first byte, how many there are.</summary>
    private static void EmitExpandStep(RoutineSet set)
    {
        BpfAssembler code = set.Code;
        BpfRegister first = BpfRegister.R6, index = BpfRegister.R7, value = BpfRegister.R8;
        code.Load(BpfSize.Double, first, BpfRegister.R2, 0);
        code.Load(BpfSize.Double, index, BpfRegister.R2, 8);
        code.Alu(BpfAluOperator.Subtract, index, BpfRegister.R1);
        code.Alu(BpfAluOperator.Subtract, index, 1);
        code.Move(BpfRegister.R1, first);
        code.Alu(BpfAluOperator.Add, BpfRegister.R1, index);
        set.EmitPointer(BpfRegister.R2, BpfRegister.R1);
        code.Load(BpfSize.Byte, value, BpfRegister.R2, 0);
        code.Alu(BpfAluOperator.Add, first, index);
        code.Alu(BpfAluOperator.Add, first, index);
        set.EmitPointer(BpfRegister.R2, first);
        code.Move(BpfRegister.R1, value);
        code.Alu(BpfAluOperator.ShiftRight, BpfRegister.R1, 4);
        EmitDigit(code, BpfRegister.R1);
        code.Store(BpfSize.Byte, BpfRegister.R2, 0, BpfRegister.R1);
        code.Alu(BpfAluOperator.And, value, 15);
        EmitDigit(code, value);
        code.Store(BpfSize.Byte, BpfRegister.R2, 1, value);
        set.Return(0);
    }

    private static void EmitDigit(BpfAssembler code, BpfRegister digit)
    {
        BpfLabel isDecimal = code.NewLabel();
        code.Alu(BpfAluOperator.Add, digit, '0');
        code.Jump(BpfCondition.LessOrEqual, digit, '9', isDecimal);
        code.Alu(BpfAluOperator.Add, digit, 'a' - 10 - '0');
        code.Bind(isDecimal);
    }

    public static void EmitCut(RoutineSet set)
    {
        BpfAssembler code = set.Code;
        code.Move(BpfRegister.R6, BpfRegister.R1);
        StringRoutines.EmitLengthOf(set, BpfRegister.R6, -16);
        code.Alu(BpfAluOperator.Add, BpfRegister.R6, BpfRegister.R0);
        set.EmitPointer(BpfRegister.R1, BpfRegister.R6);
        code.Store(BpfSize.Double, BpfRegister.R1, 0, 0);
        set.Return(0);
    }
}
