using Virtap.Language.Binding.Tree;
using Virtap.Tracing.Runtime;

namespace Virtap.Tracing.Lowering.Analysis;

/// <summary>
/// What a node of the bound tree directly consists of, in the order in which it runs. Locks and bounds are found by it, so a node that it
/// does not know is a mistake here, never a leaf.
/// </summary>
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
            case BoundBuiltInCall call: return call.Arguments;
            case BoundFormat format: return Of(format.Pieces);
            case BoundPrint print: return Of(print.Pieces);
            case BoundExtract extract: return [extract.Operand];
            case BoundBucket bucket: return [bucket.Histogram.Operand, bucket.Index];
            case BoundTarget target: return target.Operands;
            case BoundLong or BoundString or BoundVariable or BoundTargetText: return [];
            default: throw Unknown(expression);
        }
    }

    /// <summary>The expressions of a format: for each conversion width, precision, value.</summary>
    public static IEnumerable<BoundExpression> Of(IEnumerable<BoundFormatPiece> pieces)
    {
        foreach (BoundFormatPiece piece in pieces)
        {
            switch (piece)
            {
                case BoundFormatText:
                    break;
                case BoundFormatStack stack:
                    yield return stack.Point;
                    break;
                case BoundFormatHistogram histogram:
                    yield return histogram.Histogram.Operand;
                    break;
                case BoundFormatConversion conversion:
                    if (conversion.Width is not null)
                        yield return conversion.Width;
                    if (conversion.Precision is not null)
                        yield return conversion.Precision;
                    yield return conversion.Value;
                    break;
                default:
                    throw Unknown(piece);
            }
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
            BoundBlock or BoundTry or BoundBreak or BoundContinue or BoundNext or BoundNextOverload or BoundDeleteVariable => [],
            _ => throw Unknown(statement),
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
        BoundExpressionStatement or BoundReturn or BoundBreak or BoundContinue or BoundNext or BoundNextOverload => [],
        BoundDeleteElement or BoundDeleteVariable => [],
        _ => throw Unknown(statement),
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

    private static InvalidOperationException Unknown(object node) => new($"{node.GetType().Name} is not known to {nameof(BoundParts)}");
}
