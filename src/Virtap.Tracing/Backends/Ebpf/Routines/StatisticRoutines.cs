using Virtap.Bpf.Instructions;
using Virtap.Bpf.Programs;
using Virtap.Tracing.Memory;

namespace Virtap.Tracing.Backends.Ebpf.Routines;

/// <summary>Scalar aggregates as a whole: adding up the parts that the contexts have, and emptying them. One step is one context.</summary>
internal sealed class StatisticRoutines(RoutineSet set, StatisticLayout layout)
{
    // The words of the steps: where the sum is, and where the next part is.
    private const int Into = -16;
    private const int Part = -8;

    // In all of the steps.
    private const BpfRegister Words = BpfRegister.R6;
    private const BpfRegister Sum = BpfRegister.R7;
    private const BpfRegister Own = BpfRegister.R8;

    private readonly BpfAssembler _code = set.Code;

    /// <summary>A name for aggregates of which the same is kept.</summary>
    public static string NameOf(StatisticLayout layout) =>
        $"{(layout.HasExtremes ? "x" : "n")}{layout.VarianceShift}_{layout.BucketsAt}_{layout.BucketCount}";

    /// <summary>Adds up the parts at R2 of the contexts to R1.</summary>
    public void EmitMerge()
    {
        set.EmitPointer(Sum, BpfRegister.R1);
        _code.Store(BpfSize.Double, BpfRegister.R10, Into, BpfRegister.R1);
        _code.Move(BpfRegister.R9, BpfRegister.R2);
        EmitZeros(Sum);
        EmitLoop("merge", _ => EmitMergeStep());
        if (layout.VarianceShift is int shift)
            EmitVariance(shift);
        set.Return(0);
    }

    /// <summary>Empties the parts at R1.</summary>
    public void EmitClear()
    {
        _code.Move(BpfRegister.R9, BpfRegister.R1);
        _code.Store(BpfSize.Double, BpfRegister.R10, Into, 0);
        EmitLoop("clear", _ =>
        {
            EmitOwnPart();
            EmitZeros(Own);
            set.Return(0);
        });
        set.Return(0);
    }

    /// <summary>A step for each context; R9 = where in it the part is.</summary>
    private void EmitLoop(string name, Action<RoutineSet> step)
    {
        _code.Move(BpfRegister.R1, BpfRegister.R9);
        _code.Alu(BpfAluOperator.Add, BpfRegister.R1, set.Layout.ContextsOffset);
        _code.Store(BpfSize.Double, BpfRegister.R10, Part, BpfRegister.R1);
        _code.Move(BpfRegister.R1, set.Layout.ContextCount);
        set.Loop(new Routine($"{name}_{NameOf(layout)}_step", 2, step), Into);
    }

    /// <summary>Sum and Own become pointers; the next step looks at the next context.</summary>
    private void EmitOwnPart()
    {
        _code.Move(Words, BpfRegister.R2);
        _code.Load(BpfSize.Double, BpfRegister.R1, Words, 0);
        set.EmitPointer(Sum, BpfRegister.R1);
        _code.Load(BpfSize.Double, BpfRegister.R1, Words, Part - Into);
        _code.Move(BpfRegister.R2, BpfRegister.R1);
        _code.Alu(BpfAluOperator.Add, BpfRegister.R2, set.Layout.ContextBytes);
        _code.Store(BpfSize.Double, Words, Part - Into, BpfRegister.R2);
        set.EmitPointer(Own, BpfRegister.R1);
    }

    /// <summary>R9 = the count of the own part; a step that finds none has nothing to do.</summary>
    private void EmitCount()
    {
        BpfLabel any = _code.NewLabel();
        _code.Load(BpfSize.Double, BpfRegister.R9, Own, StatisticLayout.CountAt);
        _code.Jump(BpfCondition.NotEqual, BpfRegister.R9, 0, any);
        set.Return(0);
        _code.Bind(any);
    }

    private void EmitMergeStep()
    {
        EmitOwnPart();
        EmitCount();
        if (layout.HasExtremes)
        {
            EmitExtreme(StatisticLayout.MinimumAt, BpfCondition.SignedLessOrEqual);
            EmitExtreme(StatisticLayout.MaximumAt, BpfCondition.SignedGreaterOrEqual);
        }

        EmitAdd(StatisticLayout.CountAt);
        EmitAdd(StatisticLayout.SumAt);
        for (int word = layout.BucketsAt; word < layout.Bytes; word += 8)
            EmitAdd(word);
        set.Return(0);
    }

    private void EmitExtreme(int word, BpfCondition stays)
    {
        BpfLabel take = _code.NewLabel(), done = _code.NewLabel();
        _code.Load(BpfSize.Double, BpfRegister.R1, Own, word);
        _code.Load(BpfSize.Double, BpfRegister.R2, Sum, StatisticLayout.CountAt);
        _code.Jump(BpfCondition.Equal, BpfRegister.R2, 0, take);
        _code.Load(BpfSize.Double, BpfRegister.R2, Sum, word);
        _code.Jump(stays, BpfRegister.R2, BpfRegister.R1, done);
        _code.Bind(take);
        _code.Store(BpfSize.Double, Sum, word, BpfRegister.R1);
        _code.Bind(done);
    }

    private void EmitAdd(int word)
    {
        _code.Load(BpfSize.Double, BpfRegister.R1, Own, word);
        _code.Load(BpfSize.Double, BpfRegister.R2, Sum, word);
        _code.Alu(BpfAluOperator.Add, BpfRegister.R2, BpfRegister.R1);
        _code.Store(BpfSize.Double, Sum, word, BpfRegister.R2);
    }

    /// <summary>The mean of the total, and behind it the sum of squares about it.</summary>
    private void EmitVariance(int shift)
    {
        BpfLabel empty = _code.NewLabel();
        _code.Load(BpfSize.Double, BpfRegister.R2, Sum, StatisticLayout.CountAt);
        _code.Jump(BpfCondition.Equal, BpfRegister.R2, 0, empty);
        _code.Load(BpfSize.Double, BpfRegister.R1, Sum, StatisticLayout.SumAt);
        _code.Alu(BpfAluOperator.ShiftLeft, BpfRegister.R1, shift);
        EmitDivide(BpfRegister.R1, BpfRegister.R2);
        _code.Store(BpfSize.Double, Sum, layout.MeanAt, BpfRegister.R1);
        EmitLoop("variance", _ => EmitVarianceStep());
        _code.Bind(empty);
    }

    private void EmitVarianceStep()
    {
        BpfLabel isOne = _code.NewLabel();
        EmitOwnPart();
        EmitCount();
        _code.Load(BpfSize.Double, BpfRegister.R3, Own, layout.MeanAt);
        _code.Load(BpfSize.Double, BpfRegister.R1, Sum, layout.MeanAt);
        _code.Alu(BpfAluOperator.Subtract, BpfRegister.R3, BpfRegister.R1);
        _code.Alu(BpfAluOperator.Multiply, BpfRegister.R3, BpfRegister.R3);
        _code.Alu(BpfAluOperator.Multiply, BpfRegister.R3, BpfRegister.R9);
        _code.Move(BpfRegister.R2, BpfRegister.R9);
        _code.Alu(BpfAluOperator.Subtract, BpfRegister.R2, 1);
        _code.Jump(BpfCondition.Equal, BpfRegister.R2, 0, isOne);
        _code.Load(BpfSize.Double, BpfRegister.R1, Own, layout.SquaresAt);
        EmitDivide(BpfRegister.R1, BpfRegister.R2);
        _code.Alu(BpfAluOperator.Multiply, BpfRegister.R1, BpfRegister.R2);
        _code.Alu(BpfAluOperator.Add, BpfRegister.R3, BpfRegister.R1);
        _code.Bind(isOne);
        _code.Load(BpfSize.Double, BpfRegister.R1, Sum, layout.SquaresAt);
        _code.Alu(BpfAluOperator.Add, BpfRegister.R1, BpfRegister.R3);
        _code.Store(BpfSize.Double, Sum, layout.SquaresAt, BpfRegister.R1);
        set.Return(0);
    }

    /// <summary>A signed number by a positive one, with C's rounding.</summary>
    private void EmitDivide(BpfRegister dividend, BpfRegister divisor)
    {
        BpfLabel isPositive = _code.NewLabel(), divided = _code.NewLabel();
        _code.Jump(BpfCondition.SignedGreaterOrEqual, dividend, 0, isPositive);
        _code.Negate(dividend);
        _code.Alu(BpfAluOperator.Divide, dividend, divisor);
        _code.Negate(dividend);
        _code.Jump(divided);
        _code.Bind(isPositive);
        _code.Alu(BpfAluOperator.Divide, dividend, divisor);
        _code.Bind(divided);
    }

    private void EmitZeros(BpfRegister place)
    {
        _code.Move(BpfRegister.R1, 0);
        for (int word = 0; word < layout.Bytes; word += 8)
            _code.Store(BpfSize.Double, place, word, BpfRegister.R1);
    }
}
