using Virtap.Language.Binding.Tree;

namespace Virtap.Tracing.Lowering.Analysis;

/// <summary>What a node of the bound tree directly consists of, in the order in which it runs.</summary>
internal static class BoundParts
{
    /// <summary>The expressions in an expression.</summary>
    public static IEnumerable<BoundExpression> Of(BoundExpression expression)
    {
        switch (expression)
        {
            case BoundElement element: return element.Keys;
            case BoundUnary unary: return [unary.Operand];
            case BoundBinary binary: return [binary.Left, binary.Right];
            case BoundConcatenation concatenation: return [concatenation.Left, concatenation.Right];
            case BoundMatch match: return [match.Subject];
            case BoundConditional conditional: return [conditional.Condition, conditional.WhenTrue, conditional.WhenFalse];
            case BoundMembership membership: return membership.Keys.OfType<BoundExpression>();
            case BoundAssignment assignment: return [assignment.Target, assignment.Value];
            case BoundAccumulation accumulation: return [accumulation.Target, accumulation.Value];
            case BoundIncrement increment: return [increment.Target];
            case BoundCall call: return call.Arguments;
            case BoundIntrinsicCall call: return call.Arguments;
            case BoundFormat format: return Of(format.Pieces);
            case BoundPrint print: return Of(print.Pieces);
            case BoundExtract extract: return [extract.Operand];
            case BoundBucket bucket: return [bucket.Histogram.Operand, bucket.Index];
            default: return [];
        }
    }

    /// <summary>The expressions of a format: for each conversion width, precision, value.</summary>
    public static IEnumerable<BoundExpression> Of(IEnumerable<BoundFormatPiece> pieces)
    {
        foreach (BoundFormatPiece piece in pieces)
        {
            if (piece is BoundFormatHistogram histogram)
                yield return histogram.Histogram.Operand;
            if (piece is not BoundFormatConversion conversion)
                continue;
            if (conversion.Width is not null)
                yield return conversion.Width;
            if (conversion.Precision is not null)
                yield return conversion.Precision;
            yield return conversion.Value;
        }
    }

    /// <summary>The expressions in a statement, without those in the statements that it consists of.</summary>
    public static IEnumerable<BoundExpression> Of(BoundStatement statement)
    {
        IEnumerable<BoundExpression?> parts = statement switch
        {
            BoundExpressionStatement expression => [expression.Expression],
            BoundIf condition => [condition.Condition],
            BoundLoop loop => [loop.Initializer, loop.Condition, loop.Step],
            BoundForEach loop => [.. loop.Slice ?? [], loop.Limit],
            BoundForEachBucket loop => [loop.Histogram.Operand, loop.Limit],
            BoundReturn @return => [@return.Value],
            BoundDeleteElement delete => delete.Keys,
            _ => [],
        };
        return parts.OfType<BoundExpression>();
    }

    /// <summary>The statements in a statement.</summary>
    public static IReadOnlyList<BoundStatement> StatementsOf(BoundStatement statement) => statement switch
    {
        BoundBlock block => block.Statements,
        BoundIf { Else: { } alternative } condition => [condition.Then, alternative],
        BoundIf condition => [condition.Then],
        BoundLoop loop => [loop.Body],
        BoundForEach loop => [loop.Body],
        BoundForEachBucket loop => [loop.Body],
        BoundTry attempt => [attempt.Body, attempt.Handler],
        _ => [],
    };

    /// <summary>Whether an expression, or anything in it, is of a kind.</summary>
    public static bool Any(BoundExpression expression, Func<BoundExpression, bool> test)
    {
        if (test(expression))
            return true;
        foreach (BoundExpression part in Of(expression))
        {
            if (Any(part, test))
                return true;
        }

        return false;
    }
}
