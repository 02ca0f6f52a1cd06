using Virtap.Bpf.Instructions;
using Virtap.Bpf.Programs;
using Virtap.Tracing.Memory;

namespace Virtap.Tracing.Backends.Ebpf.Routines;

/// <summary>
/// A stable bottom-up merge sort of an array's order (a linked list), one small step per callback: either a run is measured, or one entry
/// is moved to the output. n entries take about n · (log2 n) · 1.5 steps. The links backward are mended at the end. Who sorts holds the
/// session's lock.
/// </summary>
internal sealed class SortRoutine(RoutineSet set, bool byString, bool descending)
{
    // The sort's state: words of the array's header, not of the stack, because the verifier would follow counters it knows through every
    // step.
    private const int RunLength = ArrayLayout.SortAt;       // entries per run in this pass
    private const int LeftRun = ArrayLayout.SortAt + 8;     // next entry of the left run
    private const int LeftCount = ArrayLayout.SortAt + 16;
    private const int RightRun = ArrayLayout.SortAt + 24;   // next entry of the right run; while measuring, the end of the left one
    private const int RightCount = ArrayLayout.SortAt + 32;
    private const int Tail = ArrayLayout.SortAt + 40;       // last entry of the output, 0 for none
    private const int Merges = ArrayLayout.SortAt + 48;     // merges begun in this pass
    private const int IsMerging = ArrayLayout.SortAt + 56;
    private const int Field = ArrayLayout.SortAt + 64;      // offset of the field in an entry

    /// <summary>
    /// Loops of the most iterations that one may have: together enough for <see cref="MaxEntries"/> entries and the steps of each here,
    /// 1.5 · 21, and those of <see cref="SelectRoutine"/>, 31 at most.
    /// </summary>
    public const int MaxLoops = 8;

    /// <summary>The largest array that is sorted in a probe of running code, where it is a matter of a second already.</summary>
    public const int MaxEntries = 2_000_000;

    private readonly BpfAssembler _code = set.Code;
    private readonly SortOrder _order = new(set, Field, byString, descending);

    public void Emit()
    {
        BpfLabel trivial = _code.NewLabel();
        _order.Begin();
        Load(BpfRegister.R1, ArrayLayout.CountAt);
        _code.Jump(BpfCondition.Less, BpfRegister.R1, 2, trivial);
        _code.Move(BpfRegister.R3, 1);
        Store(RunLength, BpfRegister.R3);
        StartPass();
        // Each pass moves n entries and measures n / 2 of them, and has a few steps besides.
        _order.Loop(Routine.Sort(byString, descending), EmitStep);
        EmitBackLinks();
        _code.Bind(trivial);
        set.Return(0);
    }

    /// <summary>The whole list becomes the input, the output is empty.</summary>
    private void StartPass()
    {
        Load(BpfRegister.R3, ArrayLayout.FirstAt);
        Store(LeftRun, BpfRegister.R3);
        Store(RightRun, BpfRegister.R3);
        _code.Move(BpfRegister.R3, 0);
        Store(LeftCount, BpfRegister.R3);
        Store(Tail, BpfRegister.R3);
        Store(Merges, BpfRegister.R3);
        Store(IsMerging, BpfRegister.R3);
    }

    private void EmitStep()
    {
        BpfLabel merging = _code.NewLabel();
        Load(BpfRegister.R1, IsMerging);
        _code.Jump(BpfCondition.NotEqual, BpfRegister.R1, 0, merging);
        EmitMeasure();
        _code.Bind(merging);
        EmitMerge();
    }

    /// <summary>Counts the left run's entries up to the run length; what follows it is the right run.</summary>
    private void EmitMeasure()
    {
        BpfLabel measured = _code.NewLabel();
        Load(BpfRegister.R7, RightRun);
        Load(BpfRegister.R8, LeftCount);
        Load(BpfRegister.R9, RunLength);
        _code.Jump(BpfCondition.Equal, BpfRegister.R7, 0, measured);
        _code.Jump(BpfCondition.GreaterOrEqual, BpfRegister.R8, BpfRegister.R9, measured);
        set.EmitPointer(BpfRegister.R1, BpfRegister.R7);
        _code.Load(BpfSize.Double, BpfRegister.R7, BpfRegister.R1, ArrayLayout.EntryNextAt);
        Store(RightRun, BpfRegister.R7);
        _code.Alu(BpfAluOperator.Add, BpfRegister.R8, 1);
        Store(LeftCount, BpfRegister.R8);
        set.Return(0);

        _code.Bind(measured);
        Store(RightCount, BpfRegister.R9);
        Load(BpfRegister.R1, Merges);
        _code.Alu(BpfAluOperator.Add, BpfRegister.R1, 1);
        Store(Merges, BpfRegister.R1);
        _code.Move(BpfRegister.R1, 1);
        Store(IsMerging, BpfRegister.R1);
        set.Return(0);
    }

    /// <summary>Moves the lesser of the two runs' next entries to the output, or ends the merge.</summary>
    private void EmitMerge()
    {
        BpfLabel takeLeft = _code.NewLabel(), noLeft = _code.NewLabel(), ended = _code.NewLabel();
        Load(BpfRegister.R7, LeftRun);
        Load(BpfRegister.R8, RightRun);
        Load(BpfRegister.R1, LeftCount);
        _code.Jump(BpfCondition.Equal, BpfRegister.R1, 0, noLeft);
        Load(BpfRegister.R2, RightCount);
        _code.Jump(BpfCondition.Equal, BpfRegister.R2, 0, takeLeft);
        _code.Jump(BpfCondition.Equal, BpfRegister.R8, 0, takeLeft);
        _order.JumpIfInOrder(BpfRegister.R7, BpfRegister.R8, takeLeft);
        EmitTake(BpfRegister.R8, RightRun, RightCount);
        _code.Bind(noLeft);
        Load(BpfRegister.R2, RightCount);
        _code.Jump(BpfCondition.Equal, BpfRegister.R2, 0, ended);
        _code.Jump(BpfCondition.Equal, BpfRegister.R8, 0, ended);
        EmitTake(BpfRegister.R8, RightRun, RightCount);
        _code.Bind(takeLeft);
        EmitTake(BpfRegister.R7, LeftRun, LeftCount);
        _code.Bind(ended);
        EmitMergeEnd();
    }

    /// <summary>Moves an entry from a run to the end of the output, and ends the step.</summary>
    private void EmitTake(BpfRegister entry, int run, int count)
    {
        BpfLabel first = _code.NewLabel(), linked = _code.NewLabel();
        _code.Move(BpfRegister.R5, entry);
        set.EmitPointer(BpfRegister.R1, BpfRegister.R5);
        _code.Load(BpfSize.Double, BpfRegister.R3, BpfRegister.R1, ArrayLayout.EntryNextAt);
        Store(run, BpfRegister.R3);
        Load(BpfRegister.R3, count);
        _code.Alu(BpfAluOperator.Subtract, BpfRegister.R3, 1);
        Store(count, BpfRegister.R3);
        Load(BpfRegister.R4, Tail);
        _code.Jump(BpfCondition.Equal, BpfRegister.R4, 0, first);
        set.EmitPointer(BpfRegister.R1, BpfRegister.R4);
        _code.Store(BpfSize.Double, BpfRegister.R1, ArrayLayout.EntryNextAt, entry);
        _code.Jump(linked);
        _code.Bind(first);
        Store(ArrayLayout.FirstAt, entry);
        _code.Bind(linked);
        Store(Tail, entry);
        set.Return(0);
    }

    /// <summary>After a merge: the next two runs, the next pass with runs twice as long, or the end.</summary>
    private void EmitMergeEnd()
    {
        BpfLabel passEnded = _code.NewLabel(), sorted = _code.NewLabel();
        Store(LeftRun, BpfRegister.R8);
        _code.Move(BpfRegister.R1, 0);
        Store(LeftCount, BpfRegister.R1);
        Store(IsMerging, BpfRegister.R1);
        _code.Jump(BpfCondition.Equal, BpfRegister.R8, 0, passEnded);
        set.Return(0);

        _code.Bind(passEnded);
        Load(BpfRegister.R4, Tail);
        Store(ArrayLayout.LastAt, BpfRegister.R4);
        set.EmitPointer(BpfRegister.R1, BpfRegister.R4);
        _code.Move(BpfRegister.R3, 0);
        _code.Store(BpfSize.Double, BpfRegister.R1, ArrayLayout.EntryNextAt, BpfRegister.R3);
        Load(BpfRegister.R1, Merges);
        _code.Jump(BpfCondition.LessOrEqual, BpfRegister.R1, 1, sorted);
        Load(BpfRegister.R1, RunLength);
        _code.Alu(BpfAluOperator.ShiftLeft, BpfRegister.R1, 1);
        Store(RunLength, BpfRegister.R1);
        StartPass();
        set.Return(0);
        _code.Bind(sorted);
        set.Return(1);
    }

    /// <summary>Walks the sorted list once and sets the links backward.</summary>
    private void EmitBackLinks()
    {
        Load(BpfRegister.R1, ArrayLayout.FirstAt);
        _code.Store(BpfSize.Double, BpfRegister.R10, -16, BpfRegister.R1);
        _code.Store(BpfSize.Double, BpfRegister.R10, -8, 0);
        _code.Move(BpfRegister.R1, RoutineSet.MaxIterations);
        set.Loop(new Routine("back_link_step", 2, EmitBackLinkStep), -16);
    }

    /// <summary>The words: an entry, the one before it.</summary>
    private static void EmitBackLinkStep(RoutineSet set)
    {
        BpfAssembler code = set.Code;
        BpfLabel stop = code.NewLabel();
        code.Load(BpfSize.Double, BpfRegister.R3, BpfRegister.R2, 0);
        code.Load(BpfSize.Double, BpfRegister.R4, BpfRegister.R2, 8);
        code.Jump(BpfCondition.Equal, BpfRegister.R3, 0, stop);
        code.Store(BpfSize.Double, BpfRegister.R2, 8, BpfRegister.R3);
        set.EmitPointer(BpfRegister.R5, BpfRegister.R3);
        code.Store(BpfSize.Double, BpfRegister.R5, ArrayLayout.EntryPreviousAt, BpfRegister.R4);
        code.Load(BpfSize.Double, BpfRegister.R3, BpfRegister.R5, ArrayLayout.EntryNextAt);
        code.Store(BpfSize.Double, BpfRegister.R2, 0, BpfRegister.R3);
        set.Return(0);
        code.Bind(stop);
        set.Return(1);
    }

    private void Load(BpfRegister destination, int word) => _order.Load(destination, word);

    private void Store(int word, BpfRegister value) => _order.Store(word, value);
}
