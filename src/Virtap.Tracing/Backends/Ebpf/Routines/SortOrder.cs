using Virtap.Bpf.Instructions;
using Virtap.Bpf.Programs;

namespace Virtap.Tracing.Backends.Ebpf.Routines;

/// <summary>
/// What the routines that sort have in common: their state in the array's header, which R6 points to throughout, the order, and loops that
/// are long enough.
/// </summary>
/// <param name="set">The program's routines.</param>
/// <param name="field">The word of the header with the offset of the field in an entry.</param>
/// <param name="byString">Whether the field is a string.</param>
/// <param name="descending">The largest first.</param>
internal sealed class SortOrder(RoutineSet set, int field, bool byString, bool descending)
{
    private readonly BpfAssembler _code = set.Code;

    /// <summary>Takes the routine's arguments: R1 the header's offset in memory, R2 the field's in an entry.</summary>
    public void Begin()
    {
        set.EmitPointer(BpfRegister.R6, BpfRegister.R1);
        Store(field, BpfRegister.R2);
    }

    /// <summary>destination = a word of the header.</summary>
    public void Load(BpfRegister destination, int word) => _code.Load(BpfSize.Double, destination, BpfRegister.R6, word);

    /// <summary>A word of the header = a register.</summary>
    public void Store(int word, BpfRegister value) => _code.Store(BpfSize.Double, BpfRegister.R6, word, value);

    /// <summary>
    /// Goes to a label if the first entry may stay before the second: equal ones keep their order. R1 to R5 are lost; the entries are
    /// in others.
    /// </summary>
    public void JumpIfInOrder(BpfRegister first, BpfRegister second, BpfLabel inOrder)
    {
        BpfCondition mayStay = descending ? BpfCondition.SignedGreaterOrEqual : BpfCondition.SignedLessOrEqual;
        if (byString)
        {
            Load(BpfRegister.R1, field);
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

    /// <summary>Runs a routine's step until it ends by itself.</summary>
    public void Loop(Routine routine, Action emitStep)
    {
        const int Header = -8;
        _code.Store(BpfSize.Double, BpfRegister.R10, Header, BpfRegister.R6);
        var step = new Routine(routine.Name + "_step", 2, _ =>
        {
            _code.Load(BpfSize.Double, BpfRegister.R6, BpfRegister.R2, 0);
            emitStep();
        });
        BpfLabel ended = _code.NewLabel();
        for (int i = 0; i < SortRoutine.MaxLoops; i++)
        {
            _code.Move(BpfRegister.R1, RoutineSet.MaxIterations);
            set.Loop(step, Header);
            _code.Jump(BpfCondition.SignedLess, BpfRegister.R0, RoutineSet.MaxIterations, ended);
        }

        _code.Bind(ended);
    }

    private void LoadField(BpfRegister destination, BpfRegister entry)
    {
        Load(BpfRegister.R5, field);
        _code.Alu(BpfAluOperator.Add, BpfRegister.R5, entry);
        set.EmitPointer(BpfRegister.R1, BpfRegister.R5);
        _code.Load(BpfSize.Double, destination, BpfRegister.R1, 0);
    }
}
