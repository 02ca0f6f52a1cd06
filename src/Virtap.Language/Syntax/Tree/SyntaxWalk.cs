using System.Diagnostics;

namespace Virtap.Language.Syntax.Tree;

/// <summary>Looks for a node in a piece of syntax.</summary>
public static class SyntaxWalk
{
    /// <summary>Whether a node, or one below it, has a property. Stops at the first.</summary>
    public static bool Any(SyntaxNode? node, Func<SyntaxNode, bool> predicate) =>
        node is not null && (predicate(node) || AnyChild(node, predicate));

    private static bool AnyOf(IEnumerable<SyntaxNode?> nodes, Func<SyntaxNode, bool> predicate)
    {
        foreach (SyntaxNode? node in nodes)
        {
            if (Any(node, predicate))
                return true;
        }

        return false;
    }

    private static bool AnyChild(SyntaxNode node, Func<SyntaxNode, bool> predicate) => node switch
    {
        StatementSyntax statement => AnyChildOfStatement(statement, predicate),
        ExpressionSyntax expression => AnyChildOfExpression(expression, predicate),
        IndexAccessSyntax access => Any(access.Index, predicate),
        MemberAccessSyntax or PrettyAccessSyntax => false,
        _ => throw Unknown(node),
    };

    private static bool AnyChildOfStatement(StatementSyntax statement, Func<SyntaxNode, bool> predicate) => statement switch
    {
        BlockSyntax block => AnyOf(block.Statements, predicate),
        ExpressionStatementSyntax expression => Any(expression.Expression, predicate),
        IfSyntax choice => Any(choice.Condition, predicate) || Any(choice.Then, predicate) || Any(choice.Else, predicate),
        WhileSyntax loop => Any(loop.Condition, predicate) || Any(loop.Body, predicate),
        ForSyntax loop =>
            Any(loop.Initializer, predicate) || Any(loop.Condition, predicate) || Any(loop.Step, predicate) || Any(loop.Body, predicate),
        ForEachSyntax loop => Any(loop.Value, predicate)
            || AnyOf(loop.Keys, predicate)
            || Any(loop.Collection, predicate)
            || (loop.Slice is not null && AnyOf(loop.Slice, predicate))
            || Any(loop.Limit, predicate)
            || Any(loop.Body, predicate),
        ReturnSyntax result => Any(result.Value, predicate),
        DeleteSyntax delete => Any(delete.Target, predicate),
        TrySyntax attempt => Any(attempt.Body, predicate) || Any(attempt.Variable, predicate) || Any(attempt.Handler, predicate),
        EmptySyntax or BreakSyntax or ContinueSyntax or NextSyntax or EmbeddedStatementSyntax => false,
        _ => throw Unknown(statement),
    };

    private static bool AnyChildOfExpression(ExpressionSyntax expression, Func<SyntaxNode, bool> predicate) => expression switch
    {
        ElementSyntax element => Any(element.Array, predicate) || AnyOf(element.Keys, predicate),
        MembershipSyntax membership => AnyOf(membership.Keys, predicate) || Any(membership.Collection, predicate),
        UnarySyntax unary => Any(unary.Operand, predicate),
        IncrementSyntax increment => Any(increment.Operand, predicate),
        BinarySyntax binary => Any(binary.Left, predicate) || Any(binary.Right, predicate),
        AssignmentSyntax assignment => Any(assignment.Target, predicate) || Any(assignment.Value, predicate),
        ConditionalSyntax choice => Any(choice.Condition, predicate) || Any(choice.WhenTrue, predicate) || Any(choice.WhenFalse, predicate),
        CallSyntax call => AnyOf(call.Arguments, predicate),
        ExtractSyntax extract => Any(extract.Operand, predicate) || AnyOf(extract.Parameters, predicate),
        HistogramSyntax histogram => Any(histogram.Operand, predicate) || AnyOf(histogram.Parameters, predicate),
        TargetSyntax target => AnyOf(target.Accesses, predicate),
        AtVarSyntax variable => AnyOf(variable.Accesses, predicate),
        AtCastSyntax cast => Any(cast.Operand, predicate) || AnyOf(cast.Accesses, predicate),
        AutocastSyntax cast => Any(cast.Operand, predicate) || AnyOf(cast.Accesses, predicate),
        AddressOfSyntax address => Any(address.Operand, predicate),
        DefinedSyntax defined => Any(defined.Operand, predicate),
        ChooseDefinedSyntax choose => Any(choose.First, predicate) || Any(choose.Second, predicate),
        AtOperatorSyntax other => AnyOf(other.Arguments, predicate),
        NumberSyntax or StringSyntax or NameSyntax or EmbeddedExpressionSyntax => false,
        _ => throw Unknown(expression),
    };

    /// <summary>Nothing below a node is taken for unused because nobody knew that it is there.</summary>
    private static UnreachableException Unknown(SyntaxNode node) => new($"{node.GetType().Name} is not known to {nameof(SyntaxWalk)}");
}
