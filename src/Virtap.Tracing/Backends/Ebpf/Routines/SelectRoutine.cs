using Virtap.Bpf.Instructions;
using Virtap.Bpf.Programs;
using Virtap.Tracing.Memory;

namespace Virtap.Tracing.Backends.Ebpf.Routines;

/// <summary>
/// Puts the first few entries of an array in order and before the others (<see cref="Ir.SortArray"/>): each entry is compared with those
/// that are first so far, from the last of them on, and moved behind the first that may stay before it. One comparison, or one move, per
/// step; after each the order is whole. Who sorts holds the session's lock.
/// </summary>
internal sealed class SelectRoutine(RoutineSet set, bool byString, bool descending)
{
    // As in SortRoutine, the state is in words of the array's header.
    private const int Candidate = ArrayLayout.SortAt;       // the entry to place
    private const int Last = ArrayLayout.SortAt + 8;        // the last of the first entries; 0 for none yet
    private const int Behind = ArrayLayout.SortAt + 16;     // where the candidate may stand behind; 0 for the front
    private const int Selected = ArrayLayout.SortAt + 24;   // how many there are
    private const int Wanted = ArrayLayout.SortAt + 32;     // how many there shall be
    private const int Field = ArrayLayout.SortAt + 40;      // offset of the field in an entry

    private readonly BpfAssembler _code = set.Code;
    private readonly SortOrder _order = new(set, Field, byString, descending);

    public void Emit()
    {
        BpfLabel several = _code.NewLabel();
        _order.Begin();
        _code.Jump(BpfCondition.SignedGreater, BpfRegister.R3, 1, several);
        _code.Move(BpfRegister.R3, 1);
        _code.Bind(several);
        Store(Wanted, BpfRegister.R3);
        Load(BpfRegister.R1, ArrayLayout.FirstAt);
        Store(Candidate, BpfRegister.R1);
        _code.Move(BpfRegister.R1, 0);
        Store(Last, BpfRegister.R1);
        Store(Behind, BpfRegister.R1);
        Store(Selected, BpfRegister.R1);
        _order.Loop(Routine.Select(byString, descending), EmitStep);
        set.Return(0);
    }

    private void EmitStep()
    {
        BpfLabel more = _code.NewLabel(), found = _code.NewLabel();
        Load(BpfRegister.R7, Candidate);
        _code.Jump(BpfCondition.NotEqual, BpfRegister.R7, 0, more);
        set.Return(1);
        _code.Bind(more);
        Load(BpfRegister.R8, Behind);
        _code.Jump(BpfCondition.Equal, BpfRegister.R8, 0, found);
        _order.JumpIfInOrder(BpfRegister.R8, BpfRegister.R7, found);
        PointTo(BpfRegister.R1, BpfRegister.R8);
        _code.Load(BpfSize.Double, BpfRegister.R1, BpfRegister.R1, ArrayLayout.EntryPreviousAt);
        Store(Behind, BpfRegister.R1);
        set.Return(0);
        _code.Bind(found);
        EmitInsertion();
    }

    /// <summary>The candidate R7 goes behind R8, which is 0 for the front.</summary>
    private void EmitInsertion()
    {
        BpfLabel move = _code.NewLabel(), next = _code.NewLabel(), displaced = _code.NewLabel();
        // R9 the entry that comes up next.
        PointTo(BpfRegister.R1, BpfRegister.R7);
        _code.Load(BpfSize.Double, BpfRegister.R9, BpfRegister.R1, ArrayLayout.EntryNextAt);
        Load(BpfRegister.R2, Last);
        _code.Jump(BpfCondition.NotEqual, BpfRegister.R2, BpfRegister.R8, move);

        // Behind the last of the first ones it is already, if there is room for it among them.
        Load(BpfRegister.R2, Selected);
        Load(BpfRegister.R3, Wanted);
        _code.Jump(BpfCondition.SignedGreaterOrEqual, BpfRegister.R2, BpfRegister.R3, next);
        _code.Alu(BpfAluOperator.Add, BpfRegister.R2, 1);
        Store(Selected, BpfRegister.R2);
        Store(Last, BpfRegister.R7);
        _code.Jump(next);

        _code.Bind(move);
        EmitMove();
        Load(BpfRegister.R2, Selected);
        Load(BpfRegister.R3, Wanted);
        _code.Jump(BpfCondition.SignedGreaterOrEqual, BpfRegister.R2, BpfRegister.R3, displaced);
        _code.Alu(BpfAluOperator.Add, BpfRegister.R2, 1);
        Store(Selected, BpfRegister.R2);
        _code.Jump(next);
        _code.Bind(displaced);
        Load(BpfRegister.R2, Last);
        PointTo(BpfRegister.R1, BpfRegister.R2);
        _code.Load(BpfSize.Double, BpfRegister.R2, BpfRegister.R1, ArrayLayout.EntryPreviousAt);
        Store(Last, BpfRegister.R2);

        _code.Bind(next);
        Store(Candidate, BpfRegister.R9);
        Load(BpfRegister.R1, Last);
        Store(Behind, BpfRegister.R1);
        set.Return(0);
    }

    /// <summary>Takes R7, which is not the first and whose next is R9, out of the order and puts it in again behind R8.</summary>
    private void EmitMove()
    {
        BpfLabel wasLast = _code.NewLabel(), taken = _code.NewLabel(), atFront = _code.NewLabel(), linked = _code.NewLabel();
        PointTo(BpfRegister.R1, BpfRegister.R7);
        _code.Load(BpfSize.Double, BpfRegister.R2, BpfRegister.R1, ArrayLayout.EntryPreviousAt);
        PointTo(BpfRegister.R1, BpfRegister.R2);
        _code.Store(BpfSize.Double, BpfRegister.R1, ArrayLayout.EntryNextAt, BpfRegister.R9);
        _code.Jump(BpfCondition.Equal, BpfRegister.R9, 0, wasLast);
        PointTo(BpfRegister.R1, BpfRegister.R9);
        _code.Store(BpfSize.Double, BpfRegister.R1, ArrayLayout.EntryPreviousAt, BpfRegister.R2);
        _code.Jump(taken);
        _code.Bind(wasLast);
        Store(ArrayLayout.LastAt, BpfRegister.R2);
        _code.Bind(taken);

        // R3 the entry that it comes to stand before.
        _code.Jump(BpfCondition.Equal, BpfRegister.R8, 0, atFront);
        PointTo(BpfRegister.R1, BpfRegister.R8);
        _code.Load(BpfSize.Double, BpfRegister.R3, BpfRegister.R1, ArrayLayout.EntryNextAt);
        _code.Store(BpfSize.Double, BpfRegister.R1, ArrayLayout.EntryNextAt, BpfRegister.R7);
        _code.Jump(linked);
        _code.Bind(atFront);
        Load(BpfRegister.R3, ArrayLayout.FirstAt);
        Store(ArrayLayout.FirstAt, BpfRegister.R7);
        _code.Bind(linked);
        PointTo(BpfRegister.R1, BpfRegister.R7);
        _code.Store(BpfSize.Double, BpfRegister.R1, ArrayLayout.EntryPreviousAt, BpfRegister.R8);
        _code.Store(BpfSize.Double, BpfRegister.R1, ArrayLayout.EntryNextAt, BpfRegister.R3);
        PointTo(BpfRegister.R1, BpfRegister.R3);
        _code.Store(BpfSize.Double, BpfRegister.R1, ArrayLayout.EntryPreviousAt, BpfRegister.R7);
    }

    /// <summary>destination = pointer to an entry, whose register is kept; R5 is lost.</summary>
    private void PointTo(BpfRegister destination, BpfRegister entry)
    {
        _code.Move(BpfRegister.R5, entry);
        set.EmitPointer(destination, BpfRegister.R5);
    }

    private void Load(BpfRegister destination, int word) => _order.Load(destination, word);

    private void Store(int word, BpfRegister value) => _order.Store(word, value);
}
