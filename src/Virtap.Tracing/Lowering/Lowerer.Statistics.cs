using System.Diagnostics;
using Virtap.Language;
using Virtap.Language.Binding.Tree;
using Virtap.Language.Syntax.Tree;
using Virtap.Tracing.Ir;
using Virtap.Tracing.Memory;

namespace Virtap.Tracing.Lowering;

/// <summary>
/// Aggregates: feeding them, and taking numbers and histograms out of them. A scalar one is read from a copy of the sum of its parts,
/// which is made by a statement before; an element is read in its entry.
/// </summary>
public sealed partial class Lowerer
{
    private readonly Dictionary<GlobalSymbol, Statistic> _statistics = [];
    private int _statisticBytes;

    /// <summary>An aggregate that can be read, or the running handler's part of one that can be added to.</summary>
    private readonly record struct Statistic(Location Start, StatisticLayout Layout)
    {
        public Location At(int offset) => Start switch
        {
            ContextSlot slot => new ContextSlot(slot.Offset + offset),
            EntryField field => field with { Offset = field.Offset + offset },
            _ => throw new UnreachableException($"{Start.GetType().Name} holds no aggregate"),
        };

        public LongAt Word(int offset) => new LongAt(At(offset));

        public LongAt Count => Word(StatisticLayout.CountAt);

        public LongAt Sum => Word(StatisticLayout.SumAt);
    }

    /// <summary>Keeps what the script asks for, in any of its handlers and functions, and what is printed at the end.</summary>
    private StatisticLayout StatisticOf(GlobalSymbol global, bool isPrinted)
    {
        IReadOnlySet<StatisticOperator> asked = _facts.AskedOf(global);
        return new StatisticLayout(
            HasExtremes: isPrinted || asked.Contains(StatisticOperator.Min) || asked.Contains(StatisticOperator.Max),
            VarianceShift: (int?)global.VarianceShift,
            HasSortWord: global.IsArray && asked.Contains(StatisticOperator.Average),
            global.Histogram);
    }

    private LoweredGlobal LowerStatistic(GlobalSymbol global, StatisticLayout layout, bool isPrinted)
    {
        var part = new ContextSlot(FirstSlot);
        _statisticBytes += layout.Bytes;
        _statistics[global] = new Statistic(part, layout);
        return new LoweredGlobal(global.Name, global.Span, global.Type, part.Offset, null, isPrinted, layout);
    }

    /// <summary>Adds a value, which is also the expression's.</summary>
    private Value LowerAccumulation(BoundAccumulation accumulation, bool isUsed)
    {
        if (accumulation.Target is BoundElement element)
            return LowerElementAccumulation(accumulation, element);
        Statistic own = _statistics[(GlobalSymbol)((BoundVariable)accumulation.Target).Symbol];
        Value value = Lower(accumulation.Value);
        if (isUsed)
            value = Keep(value, _statements.Count);
        Add(new AddToStatistic(own.Start, own.Layout, value.AsNumber()));
        return value;
    }

    private Value LowerElementAccumulation(BoundAccumulation accumulation, BoundElement element)
    {
        ArrayLayout array = _arrays[element.Array];
        Value[] operands = LowerInOrder([.. element.Keys, accumulation.Value]);
        // An entry is made only for a value that could be computed.
        Value value = IsStable(operands[^1]) ? operands[^1] : Keep(operands[^1], _statements.Count);
        EntryField entry = Enter(array, operands[..^1], element);
        Add(new AddToStatistic(entry, array.Statistic!, value.AsNumber()));
        return value;
    }

    /// <summary>The aggregate that an operator reads.</summary>
    /// <param name="operand">A scalar or an element.</param>
    /// <param name="withHistogram">Whether its buckets are wanted.</param>
    private Statistic ReadStatistic(BoundExpression operand, bool withHistogram)
    {
        if (operand is BoundElement element)
            return ReadElement(element);
        Statistic parts = _statistics[(GlobalSymbol)((BoundVariable)operand).Symbol];
        StatisticLayout layout = withHistogram ? parts.Layout : parts.Layout with { Histogram = null };
        ContextSlot into = _body.Frame.Bytes(layout.Bytes);
        Add(new MergeStatistic(into, (ContextSlot)parts.Start, layout));
        return new Statistic(into, layout);
    }

    private Statistic ReadElement(BoundElement element)
    {
        ArrayLayout array = _arrays[element.Array];
        LongExpression entry = _body.Iterations.FindLast(iteration => iteration.Has(element)) is { } at
            ? at.Entry
            : Keep(new FindEntry(array, LowerInOrder(element.Keys)), _statements.Count).AsNumber();
        return new Statistic(ValueOf(array, entry), array.Statistic!);
    }

    private LongExpression LowerExtract(BoundExtract extract)
    {
        Statistic statistic = ReadStatistic(extract.Operand, withHistogram: false);
        switch (extract.Operator)
        {
            case StatisticOperator.Count: return statistic.Count;
            case StatisticOperator.Sum: return statistic.Sum;
        }

        RaiseIfEmpty(statistic, extract.Span);
        return extract.Operator switch
        {
            StatisticOperator.Min => statistic.Word(StatisticLayout.MinimumAt),
            StatisticOperator.Max => statistic.Word(StatisticLayout.MaximumAt),
            StatisticOperator.Average => AverageOf(statistic),
            _ => VarianceOf(statistic),
        };
    }

    private static LongBinary AverageOf(Statistic statistic) => new(LongOperator.Divide, statistic.Sum, statistic.Count);

    /// <summary>That of one value is 0.</summary>
    private static LongConditional VarianceOf(Statistic statistic)
    {
        LongAt squares = statistic.Word(statistic.Layout.SquaresAt);
        var others = new LongBinary(LongOperator.Subtract, statistic.Count, new LongConstant(1));
        var scaled = new LongBinary(LongOperator.Divide, squares, others);
        int shift = (2 * statistic.Layout.VarianceShift!.Value) & 63;
        return new LongConditional(
            new LongBinary(LongOperator.Less, statistic.Count, new LongConstant(2)),
            new LongConstant(0),
            new LongBinary(LongOperator.ShiftRight, scaled, new LongConstant(shift)));
    }

    private void RaiseIfEmpty(Statistic statistic, SourceSpan span)
    {
        var isEmpty = new LongBinary(LongOperator.Equal, statistic.Count, new LongConstant(0));
        Add(new LoweredIf(isEmpty, new RaiseKnownError(RuntimeError.EmptyAggregate, _sites.Of(span)), null));
    }

    /// <summary>Printed where an empty aggregate is an error of the print.</summary>
    private HistogramPiece LowerHistogram(BoundHistogram histogram, SourceSpan print)
    {
        Statistic statistic = ReadStatistic(histogram.Operand, withHistogram: true);
        RaiseIfEmpty(statistic, print);
        return new HistogramPiece(statistic.At(statistic.Layout.BucketsAt), histogram.Shape, _options.Histograms);
    }

    private LongAt LowerBucket(BoundBucket bucket)
    {
        Statistic statistic = ReadStatistic(bucket.Histogram.Operand, withHistogram: true);
        Value value = Lower(bucket.Index);
        LongExpression index = (IsStable(value) ? value : Keep(value, _statements.Count)).AsNumber();
        RaiseIfEmpty(statistic, bucket.Histogram.Span);
        var isThere = new LongBinary(LongOperator.LessUnsigned, index, new LongConstant(statistic.Layout.BucketCount));
        var raise = new RaiseKnownError(RuntimeError.HistogramIndex, _sites.Of(bucket.Histogram.Span));
        Add(new LoweredIf(new LongUnary(LongUnaryOperator.LogicalNot, isThere), raise, null));
        return new LongAt(BucketAt(statistic, index));
    }

    private static BucketOf BucketAt(Statistic statistic, LongExpression index) => new(statistic.At(statistic.Layout.BucketsAt), index);

    /// <summary>
    /// As in SystemTap, buckets come by their numbers whatever order is asked for, empty ones too, and the script's variable is the count
    /// of the loop.
    /// </summary>
    private void LowerForEachBucket(BoundForEachBucket statement)
    {
        Statistic statistic = ReadStatistic(statement.Histogram.Operand, withHistogram: true);
        ContextSlot? left = LowerLimit(statement.Limit);
        Location bucket = LocationOf(statement.Bucket);
        Add(Clear(bucket));
        Count(1, statement.Span, flush: true);
        LoweredBlock body = Apart(() =>
        {
            if (left is not null)
            {
                Add(new LoweredIf(new LongUnary(LongUnaryOperator.LogicalNot, IsLeft(left)), new LoweredBreak(), null));
                Add(TakeOne(left));
            }

            Count(1, statement.Span);
            if (statement.Value is { } value)
                Add(new StoreLong(LocationOf(value), new LongAt(BucketAt(statistic, new LongAt(bucket)))));
            Lower(statement.Body);
            Count(0, statement.Body.Span, flush: true);
        });
        var step = new StoreLong(bucket, new LongBinary(LongOperator.Add, new LongAt(bucket), new LongConstant(1)));
        var more = new LongBinary(LongOperator.Less, new LongAt(bucket), new LongConstant(statistic.Layout.BucketCount));
        Add(new LoweredLoop(null, more, body, step));
    }

    /// <summary>The field of an aggregate that an array of them is sorted by. As in SystemTap, for the variance it is the count.</summary>
    private int SortFieldOf(ArrayLayout array, StatisticOperator extractor)
    {
        switch (extractor)
        {
            case StatisticOperator.Sum: return array.ValueOffset + StatisticLayout.SumAt;
            case StatisticOperator.Min: return array.ValueOffset + StatisticLayout.MinimumAt;
            case StatisticOperator.Max: return array.ValueOffset + StatisticLayout.MaximumAt;
            case StatisticOperator.Average:
                int at = array.Statistic!.SortAt;
                AddIteration(array, null, entry =>
                {
                    var statistic = new Statistic(ValueOf(array, entry), array.Statistic);
                    Add(new StoreLong(statistic.At(at), AverageOf(statistic)));
                });
                return array.ValueOffset + at;
            default: return array.ValueOffset + StatisticLayout.CountAt;
        }
    }
}
