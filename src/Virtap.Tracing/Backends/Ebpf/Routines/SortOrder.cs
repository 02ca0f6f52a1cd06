using Virtap.Bpf.Instructions;
using Virtap.Bpf.Programs;

namespace Virtap.Tracing.Backends.Ebpf.Routines;

/// <summary>What the routines that sort have in common: the order, and loops that are long enough.</summary>
/// <param name="set">The program's routines.</param>
/// <param name="field">The word of the array's header, which R6 points to, with the offset of the field in an entry.</param>
/// <param name="byString">Whether the field is a string.</param>
/// <param name="descending">The largest first.</param>
internal sealed class SortOrder(RoutineSet set, int field, bool byString, bool descending)
{
    private readonly BpfAssembler _code = set.Code;

    /// <summary>
    /// Goes to a label if the first entry may stay before the second: equal ones keep their order. R1 to R5 are lost; the entries are
    /// in others.
    /// </summary>
    public void JumpIfInOrder(BpfRegister first, BpfRegister second, BpfLabel inOrder)
    {
        BpfCondition mayStay = descending ? BpfCondition.SignedGreaterOrEqual : BpfCondition.SignedLessOrEqual;
        if (byString)
        {
            _code.Load(BpfSize.Double, BpfRegister.R1, BpfRegister.R6, field);
            _code.Move(BpfRegister.R2, BpfRegister.R1);
            _code.Alu(BpfAluOperator.Add, BpfRegister.R1, first);
            _code.Alu(BpfAluOperator.Add, BpfRegister.R2, second);
            set.Call(Routine.CompareStrings);
            _code.Jump(mayStay, BpfRegister.R0, 0, inOrder);
            return;
        }

        LoadField(BpfRegister.R3, first);
        LoadField(BpfRegister.R4, second);
        _code.Jump(mayStay, BpfRegister.R3, BpfRegister.R4, inOrder);
    }

    /// <summary>Runs a step with the words at an offset of the stack until it ends by itself.</summary>
    public void Loop(Routine step, int words)
    {
        BpfLabel ended = _code.NewLabel();
        for (int i = 0; i < SortRoutine.MaxLoops; i++)
        {
            _code.Move(BpfRegister.R1, RoutineSet.MaxIterations);
            set.Loop(step, words);
            _code.Jump(BpfCondition.SignedLess, BpfRegister.R0, RoutineSet.MaxIterations, ended);
        }

        _code.Bind(ended);
    }

    private void LoadField(BpfRegister destination, BpfRegister entry)
    {
        _code.Load(BpfSize.Double, BpfRegister.R5, BpfRegister.R6, field);
        _code.Alu(BpfAluOperator.Add, BpfRegister.R5, entry);
        set.EmitPointer(BpfRegister.R1, BpfRegister.R5);
        _code.Load(BpfSize.Double, destination, BpfRegister.R1, 0);
    }
}
