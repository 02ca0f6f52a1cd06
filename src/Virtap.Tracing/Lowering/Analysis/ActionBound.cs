using Virtap.Language.Binding.Tree;

namespace Virtap.Tracing.Lowering.Analysis;

/// <summary>
/// The most statements that a body can run through. A handler for which this is below MAXACTION need not count them.
/// </summary>
internal sealed class ActionBound(Func<FunctionSymbol, long> ofFunction)
{
    public long Of(BoundStatement statement)
    {
        switch (statement)
        {
            case BoundLoop or BoundForEach or BoundForEachBucket:
                return Reach.Unbounded;
            case BoundIf condition:
                return Sum(1, Sum(Of(condition.Condition), Math.Max(Of(condition.Then), condition.Else is null ? 0 : Of(condition.Else))));
            case BoundNextOverload next:
                return Sum(1, next.Function.NextOverload is { } other ? ofFunction(other) : 0);
        }

        long max = statement is BoundBlock ? 0 : 1;
        foreach (BoundExpression part in BoundParts.Of(statement))
            max = Sum(max, Of(part));
        foreach (BoundStatement part in BoundParts.StatementsOf(statement))
            max = Sum(max, Of(part));
        return max;
    }

    private long Of(BoundExpression expression)
    {
        long max = expression is BoundCall call ? ofFunction(call.Function) : 0;
        foreach (BoundExpression part in BoundParts.Of(expression))
            max = Sum(max, Of(part));
        return max;
    }

    private static long Sum(long left, long right) => left > Reach.Unbounded - right ? Reach.Unbounded : left + right;
}
