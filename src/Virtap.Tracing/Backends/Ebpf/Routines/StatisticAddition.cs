using Virtap.Bpf.Instructions;
using Virtap.Bpf.Programs;
using Virtap.Language.Binding.Tree;
using Virtap.Tracing.Memory;

namespace Virtap.Tracing.Backends.Ebpf.Routines;

/// <summary>
/// Adds the value in R0 to an aggregate (<see cref="StatisticLayout"/>), in line: it is what a probe that measures does at every hit. R0
/// and the register of the place are kept, R2 to R5 are lost.
/// </summary>
/// <param name="code">Where to.</param>
/// <param name="set">The program's routines.</param>
/// <param name="layout">What is kept.</param>
/// <param name="place">A pointer to the aggregate, at <paramref name="at"/> bytes from it.</param>
/// <param name="at">How far.</param>
internal sealed class StatisticAddition(BpfAssembler code, RoutineSet set, StatisticLayout layout, BpfRegister place, int at)
{
    private const BpfRegister Value = BpfRegister.R0;

    public void Emit()
    {
        Load(BpfRegister.R2, StatisticLayout.CountAt);
        code.Alu(BpfAluOperator.Add, BpfRegister.R2, 1);
        Store(StatisticLayout.CountAt, BpfRegister.R2);
        Load(BpfRegister.R3, StatisticLayout.SumAt);
        code.Alu(BpfAluOperator.Add, BpfRegister.R3, Value);
        Store(StatisticLayout.SumAt, BpfRegister.R3);
        if (layout.HasExtremes)
            EmitExtremes();
        if (layout.VarianceShift is int shift)
            EmitVariance(shift);
        if (layout.Histogram is { } histogram)
            EmitBucket(histogram);
    }

    /// <summary>R2 = the count.</summary>
    private void EmitExtremes()
    {
        BpfLabel setMinimum = code.NewLabel(), setMaximum = code.NewLabel(), notMinimum = code.NewLabel(), done = code.NewLabel();
        code.Jump(BpfCondition.Equal, BpfRegister.R2, 1, setMinimum);
        Load(BpfRegister.R3, StatisticLayout.MinimumAt);
        code.Jump(BpfCondition.SignedLessOrEqual, BpfRegister.R3, Value, notMinimum);
        code.Bind(setMinimum);
        Store(StatisticLayout.MinimumAt, Value);
        code.Jump(BpfCondition.Equal, BpfRegister.R2, 1, setMaximum);
        code.Bind(notMinimum);
        Load(BpfRegister.R3, StatisticLayout.MaximumAt);
        code.Jump(BpfCondition.SignedGreaterOrEqual, BpfRegister.R3, Value, done);
        code.Bind(setMaximum);
        Store(StatisticLayout.MaximumAt, Value);
        code.Bind(done);
    }

    /// <summary>R2 = the count. Welford's step, in integers, with C's division.</summary>
    private void EmitVariance(int shift)
    {
        BpfLabel isPositive = code.NewLabel(), divided = code.NewLabel();
        Load(BpfRegister.R3, layout.MeanAt);
        code.Move(BpfRegister.R4, Value);
        code.Alu(BpfAluOperator.ShiftLeft, BpfRegister.R4, shift);
        code.Alu(BpfAluOperator.Subtract, BpfRegister.R4, BpfRegister.R3);
        code.Move(BpfRegister.R5, BpfRegister.R4);
        code.Jump(BpfCondition.SignedGreaterOrEqual, BpfRegister.R5, 0, isPositive);
        code.Negate(BpfRegister.R5);
        code.Alu(BpfAluOperator.Divide, BpfRegister.R5, BpfRegister.R2);
        code.Negate(BpfRegister.R5);
        code.Jump(divided);
        code.Bind(isPositive);
        code.Alu(BpfAluOperator.Divide, BpfRegister.R5, BpfRegister.R2);
        code.Bind(divided);
        code.Alu(BpfAluOperator.Add, BpfRegister.R3, BpfRegister.R5);
        Store(layout.MeanAt, BpfRegister.R3);
        // The difference from the old mean times that from the new one.
        code.Move(BpfRegister.R5, Value);
        code.Alu(BpfAluOperator.ShiftLeft, BpfRegister.R5, shift);
        code.Alu(BpfAluOperator.Subtract, BpfRegister.R5, BpfRegister.R3);
        code.Alu(BpfAluOperator.Multiply, BpfRegister.R5, BpfRegister.R4);
        Load(BpfRegister.R3, layout.SquaresAt);
        code.Alu(BpfAluOperator.Add, BpfRegister.R3, BpfRegister.R5);
        Store(layout.SquaresAt, BpfRegister.R3);
    }

    private void EmitBucket(HistogramShape histogram)
    {
        if (histogram.Step is { } step)
            EmitLinearBucket(histogram, step);
        else
            EmitLogarithmicBucket();
        code.Alu(BpfAluOperator.And, BpfRegister.R3, HistogramBuckets.Max - 1);
        code.Alu(BpfAluOperator.ShiftLeft, BpfRegister.R3, 3);
        code.Alu(BpfAluOperator.Add, BpfRegister.R3, place);
        code.Load(BpfSize.Double, BpfRegister.R2, BpfRegister.R3, at + layout.BucketsAt);
        code.Alu(BpfAluOperator.Add, BpfRegister.R2, 1);
        code.Store(BpfSize.Double, BpfRegister.R3, at + layout.BucketsAt, BpfRegister.R2);
    }

    /// <summary>R3 = 64, and so many more as the value has bits, or less for a negative one.</summary>
    private void EmitLogarithmicBucket()
    {
        BpfLabel isPositive = code.NewLabel(), counted = code.NewLabel(), done = code.NewLabel();
        code.Move(BpfRegister.R3, HistogramBuckets.Zero);
        code.Jump(BpfCondition.Equal, Value, 0, done);
        code.Move(BpfRegister.R2, Value);
        code.Move(BpfRegister.R3, 1);
        code.Jump(BpfCondition.SignedGreaterOrEqual, BpfRegister.R2, 0, isPositive);
        code.Negate(BpfRegister.R2);
        code.Bind(isPositive);
        for (int bits = 32; bits > 0; bits /= 2)
        {
            BpfLabel isShort = code.NewLabel();
            code.Move(BpfRegister.R4, BpfRegister.R2);
            code.Alu(BpfAluOperator.ShiftRight, BpfRegister.R4, bits);
            code.Jump(BpfCondition.Equal, BpfRegister.R4, 0, isShort);
            code.Move(BpfRegister.R2, BpfRegister.R4);
            code.Alu(BpfAluOperator.Add, BpfRegister.R3, bits);
            code.Bind(isShort);
        }

        set.Forget(BpfRegister.R3);
        code.Jump(BpfCondition.SignedGreaterOrEqual, Value, 0, counted);
        code.Negate(BpfRegister.R3);
        code.Bind(counted);
        code.Alu(BpfAluOperator.Add, BpfRegister.R3, HistogramBuckets.Zero);
        code.Bind(done);
    }

    /// <summary>R3 = the number of the bucket.</summary>
    private void EmitLinearBucket(HistogramShape histogram, long step)
    {
        BpfLabel done = code.NewLabel(), above = code.NewLabel();
        int last = HistogramBuckets.CountOf(histogram) - 1;
        code.LoadConstant(BpfRegister.R2, histogram.Start);
        code.Move(BpfRegister.R4, Value);
        code.Alu(BpfAluOperator.Subtract, BpfRegister.R4, BpfRegister.R2);
        code.Move(BpfRegister.R3, 0);
        code.Jump(BpfCondition.SignedLess, BpfRegister.R4, 0, done);
        code.LoadConstant(BpfRegister.R2, step);
        code.Alu(BpfAluOperator.Divide, BpfRegister.R4, BpfRegister.R2);
        code.Alu(BpfAluOperator.Add, BpfRegister.R4, 1);
        code.Move(BpfRegister.R3, last);
        code.Jump(BpfCondition.GreaterOrEqual, BpfRegister.R4, last, above);
        code.Move(BpfRegister.R3, BpfRegister.R4);
        code.Bind(above);
        code.Bind(done);
    }

    private void Load(BpfRegister destination, int word) => code.Load(BpfSize.Double, destination, place, at + word);

    private void Store(int word, BpfRegister value) => code.Store(BpfSize.Double, place, at + word, value);
}
