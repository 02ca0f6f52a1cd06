using System.Diagnostics;
using Virtap.Bpf.Instructions;
using Virtap.Bpf.Programs;
using Virtap.Language;
using Virtap.Tracing.Backends.Ebpf.Emission;
using Virtap.Tracing.Backends.Ebpf.Routines;
using Virtap.Tracing.Ir;
using Virtap.Tracing.Memory;

namespace Virtap.Tracing.Backends.Ebpf;

/// <summary>Array elements: the keys go into a block on the stack, a routine made for the array's shape does the rest.</summary>
internal sealed partial class HandlerEmitter
{
    private void EvaluateFind(FindEntry find) => WithKeys(find.Array, find.Keys, Routine.Find(find.Array));

    private void EmitEnter(EnterEntry enter)
    {
        WithKeys(enter.Array, enter.Keys, Routine.Enter(enter.Array));
        if (!enter.Array.Wraps)
        {
            void LoadLimit() => _code.Move(BpfRegister.R0, enter.Array.SizeLimit);
            _code.Jump(BpfCondition.Equal, BpfRegister.R0, 0, RaiseCold(RuntimeError.ArrayOverflow, enter.Site, LoadLimit));
        }

        PointToSlot(BpfRegister.R1, enter.Into.Offset);
        _code.Store(BpfSize.Double, BpfRegister.R1, 0, BpfRegister.R0);
    }

    private void EmitDelete(DeleteEntry delete) => WithKeys(delete.Array, delete.Keys, Routine.Delete(delete.Array));

    private void EmitClear(ClearArray clear)
    {
        RequireLoops($"delete of array '{clear.Array.Name}'");
        _code.Move(BpfRegister.R1, clear.Array.Offset);
        _routines.Call(Routine.Clear);
    }

    private void EmitSort(SortArray sort)
    {
        RequireLoops($"sorting array '{sort.Array.Name}'");
        if (sort.Array.MaxEntries > SortRoutine.MaxEntries)
        {
            throw new NotEmittableException(
                $"array '{sort.Array.Name}' has more than {SortRoutine.MaxEntries} elements, which cannot be sorted in this probe",
                "sort it in a timer, or in end");
        }

        bool byString = sort.FieldType switch
        {
            ScriptType.String => true,
            ScriptType.Long or ScriptType.Unknown => false,
            ScriptType.Statistics => throw new UnreachableException("a statistic has no order of its own"),
        };
        void SortAll()
        {
            PassArray();
            _routines.Call(Routine.Sort(byString, sort.Descending));
        }

        void Select()
        {
            PassArray();
            _code.Move(BpfRegister.R3, BpfRegister.R0);
            _routines.Call(Routine.Select(byString, sort.Descending));
        }

        void PassArray()
        {
            _code.Move(BpfRegister.R1, sort.Array.Offset);
            _code.Move(BpfRegister.R2, sort.FieldOffset);
        }

        switch (sort.Limit)
        {
            case null:
                SortAll();
                break;
            case LongConstant limit when Ir.SortArray.Selects(limit.Value) is var first:
                _code.Move(BpfRegister.R0, first);
                (first > 0 ? (Action)Select : SortAll)();
                break;
            default:
                BpfLabel all = _code.NewLabel(), sorted = _code.NewLabel();
                Evaluate(sort.Limit);
                _code.Alu(BpfAluOperator.ShiftLeft, BpfRegister.R0, 32);
                _code.Alu(BpfAluOperator.ShiftRightArithmetic, BpfRegister.R0, 32);
                _code.Jump(BpfCondition.Equal, BpfRegister.R0, 0, all);
                _code.Jump(BpfCondition.SignedGreater, BpfRegister.R0, Ir.SortArray.MaxSelected, all);
                Select();
                _code.Jump(sorted);
                _code.Bind(all);
                SortAll();
                _code.Bind(sorted);
                break;
        }
    }

    /// <summary>
    /// Evaluates keys into a block of words, the first of which is the routine's (it leaves the hash there), and calls it with the
    /// offsets of the block and of the array. A string key is its memory offset.
    /// </summary>
    private void WithKeys(ArrayLayout array, IReadOnlyList<Value> keys, Routine routine)
    {
        RequireLoops($"array '{array.Name}'");
        WithTemporary(keys.Count + 1, block =>
        {
            for (int i = 0; i < keys.Count; i++)
            {
                Evaluate(keys[i]);
                _code.Store(BpfSize.Double, Context, block + 8 + (i * 8), BpfRegister.R0);
            }

            OffsetOfSlot(BpfRegister.R1, block);
            _code.Move(BpfRegister.R2, array.Offset);
            _routines.Call(routine);
        });
    }
}
