using Virtap.Language.Binding.Tree;
using Virtap.Language.Syntax.Tree;

namespace Virtap.Language.Binding.Bodies;

internal sealed partial class BodyBinder
{
    private BoundExpression BindAccumulation(AssignmentSyntax accumulation)
    {
        BoundExpression? target = BindAggregate(accumulation.Target);
        BoundExpression value = Bind(accumulation.Value, ScriptType.Long);
        switch (target)
        {
            case BoundElement element:
                MarkChanged(element.Array, element.Span);
                break;
            case BoundVariable variable:
                variable.Symbol.IsWritten = true;
                break;
            default:
                return new BoundError(accumulation.OperatorSpan);
        }

        return new BoundAccumulation(accumulation.OperatorSpan, target, value);
    }

    /// <summary>An aggregate, or one of an array of them.</summary>
    private BoundExpression? BindAggregate(ExpressionSyntax expression)
    {
        switch (expression)
        {
            case NameSyntax name:
                // Without making it a local.
                LocalSymbol? local = unit.FindLocal(name.Name);
                GlobalSymbol? global = local is null ? program.Declarations.FindGlobal(name.Name, _file) : null;
                if (local is { Type: not ScriptType.Unknown, TypeSpan: not null })
                {
                    _types.ReportMismatch(local, ScriptType.Statistics, name.Span);
                    return null;
                }

                if (global is null)
                {
                    // The blank is SystemTap's.
                    Error("stat locals not supported, missing global declaration? ", name.Span, $"declare it with: global {name.Name}");
                    return null;
                }

                if (!_types.LearnArity(global, 0, name.Span))
                    return null;
                _types.Learn(global, ScriptType.Statistics, name.Span);
                return new BoundVariable(name.Span, global);
            case ElementSyntax { Array: NameSyntax } element when BindElement(element) is BoundElement bound:
                _types.Learn(bound.Array, ScriptType.Statistics, bound.Span);
                return bound;
            case ElementSyntax { Array: NameSyntax }:
                return null;
            case NumberSyntax or StringSyntax:
                _types.ReportMismatch(
                    ScriptType.Statistics, expression is NumberSyntax ? ScriptType.Long : ScriptType.String, expression.Span);
                return null;
            default:
                Error("this is no aggregate", SpanOf(expression), "aggregates are globals that are fed with <<<");
                return null;
        }
    }

    /// <summary>The aggregate that an operator reads, and its global.</summary>
    private (BoundExpression Aggregate, GlobalSymbol Global)? ReadAggregate(ExpressionSyntax expression)
    {
        (BoundExpression Aggregate, GlobalSymbol Global)? read = BindAggregate(expression) switch
        {
            BoundElement element => (element, element.Array),
            BoundVariable { Symbol: GlobalSymbol global } variable => (variable, global),
            _ => null,
        };
        if (read is { Global: var symbol })
            symbol.IsRead = true;
        return read;
    }

    private BoundExpression BindExtract(ExtractSyntax extract)
    {
        if (ReadAggregate(extract.Operand) is not (var aggregate, var global))
            return new BoundError(extract.Span);
        long parameter = extract.Parameters is [NumberSyntax number] ? number.Value : 0;
        if (extract.Operator == StatisticOperator.Variance)
        {
            if (parameter is < 0 or > 62)
                Error($"bit shift ({parameter}) out of range <0..62>", extract.Span);
            else if (global.VarianceShift is { } known and not 0 && known != parameter)
                Error($"conflicting bit shifts declared (previously {known})", extract.Span);
            // What was asked for without a shift before may have one still.
            global.VarianceShift = Math.Max(global.VarianceShift ?? 0, parameter);
        }

        return new BoundExtract(extract.Span, extract.Operator, aggregate, parameter);
    }

    private BoundHistogram? BindHistogram(HistogramSyntax histogram)
    {
        if (ReadAggregate(histogram.Operand) is not (var aggregate, var global) || ShapeOf(histogram) is not { } shape)
            return null;
        if (global.Histogram is { } known && known != shape)
            Error(
                $"multiple histogram types declared on '{global.Name}'", histogram.Span,
                "all histograms of one aggregate have the same buckets");
        global.Histogram = shape;
        return new BoundHistogram(histogram.Span, aggregate, shape);
    }

    private HistogramShape? ShapeOf(HistogramSyntax histogram)
    {
        if (!histogram.IsLinear)
            return HistogramShape.Logarithmic;
        if (histogram.Parameters is not [
            NumberSyntax { Value: var start }, NumberSyntax { Value: var stop }, NumberSyntax { Value: var step }])
        {
            Error("@hist_linear needs three literal numbers: start, stop and step", histogram.Span);
            return null;
        }

        if (step == 0)
        {
            program.Deferred.Semantic("histogram: interval cannot be zero.", histogram.Span);
            return HistogramShape.Logarithmic;
        }

        if (step < 0 || stop < start || unchecked((ulong)(stop - start)) / (ulong)step > HistogramShape.MaxInner - 1)
        {
            program.Deferred.Semantic(
                $"histogram: Number of buckets must be between 1 and {HistogramShape.MaxInner}", histogram.Span,
                "the number of buckets is (stop - start) / interval and one more");
            return HistogramShape.Logarithmic;
        }

        return new HistogramShape(start, stop, step);
    }

    private BoundExpression BindBucket(HistogramSyntax histogram, IReadOnlyList<ExpressionSyntax?> keys, SourceSpan span)
    {
        BoundHistogram? bound = BindHistogram(histogram);
        if (keys is not [{ } index])
        {
            Error("a bucket of a histogram has one index", span);
            return new BoundError(span);
        }

        BoundExpression boundIndex = Bind(index, ScriptType.Long);
        return bound is null ? new BoundError(span) : new BoundBucket(span, bound, boundIndex);
    }

    private BoundStatement BindForEachBucket(ForEachSyntax loop, HistogramSyntax histogram)
    {
        BoundHistogram? bound = BindHistogram(histogram);
        if (loop.Keys is not [var bucket])
        {
            Error("a bucket of a histogram has one index", histogram.Span);
            return Nothing(loop);
        }

        VariableSymbol? key = BindBucketVariable(bucket);
        VariableSymbol? value = loop.Value is { } name ? BindBucketVariable(name) : null;
        BoundExpression? limit = loop.Limit is null ? null : Bind(loop.Limit, ScriptType.Long);
        _loops++;
        BoundStatement body = BindStatement(loop.Body);
        _loops--;
        return bound is null || key is null
            ? Nothing(loop)
            : new BoundForEachBucket(loop.Span, bound, key, value, limit, body);
    }

    private VariableSymbol? BindBucketVariable(NameSyntax name)
    {
        if (FindScalar(name.Name, name.Span) is not { } variable)
            return null;
        variable.IsWritten = true;
        _types.Learn(variable, ScriptType.Long, name.Span);
        return variable;
    }
}
