using Virtap.Language.Binding.Tree;
using Virtap.Language.Syntax.Tree;

namespace Virtap.Language.Binding.Bodies;

/// <summary>
/// Conditions that are decided while binding: what a target does not have is asked for in branches that must not be bound.
/// </summary>
internal sealed partial class BodyBinder
{
    /// <summary>Branches around the statement that are never taken.</summary>
    private int _dead;

    /// <summary>Whether a condition holds; null where only the running script knows.</summary>
    private bool? Fold(ExpressionSyntax condition) => FoldNumber(condition) is long value ? value != 0 : null;

    /// <summary>
    /// What a constant leaves out is no part of the program; but as with SystemTap it has to mean something, names and types, except in
    /// probes of a target, out of which such branches are taken before names are looked up, and where the target is what decides.
    /// </summary>
    private bool HasToMeanSomething(ExpressionSyntax condition) => !_file.IsLibrary
        && unit is not { Function: null, Group.HasVariables: true }
        && !SyntaxWalk.Any(condition, static node => node is DefinedSyntax or AtOperatorSyntax);

    private void CheckLeftOut(ExpressionSyntax condition, StatementSyntax? dead)
    {
        if (dead is null || !HasToMeanSomething(condition))
            return;
        _dead++;
        BindStatement(dead);
        _dead--;
    }

    /// <summary>Half of a choice, which has the type of the other.</summary>
    private void CheckLeftOut(ExpressionSyntax condition, ExpressionSyntax dead, BoundExpression live)
    {
        if (!HasToMeanSomething(condition))
            return;
        _dead++;
        Unify(live, BindValue(dead, live.Type));
        _dead--;
    }

    private long? FoldNumber(ExpressionSyntax expression) => expression switch
    {
        NumberSyntax number => number.Value,
        DefinedSyntax defined => IsDefined(defined.Operand) ? 1 : 0,
        AtOperatorSyntax { Name: "probewrite" } probeWrite when ResolveProbeWrite(probeWrite).Value is BoundLong isWritten =>
            isWritten.Value,
        UnarySyntax { Operator: SyntaxOperator.LogicalNot } not => Fold(not.Operand) is bool value ? (value ? 0 : 1) : null,
        BinarySyntax { Operator: SyntaxOperator.LogicalAnd } and => FoldLogic(and, isAnd: true),
        BinarySyntax { Operator: SyntaxOperator.LogicalOr } or => FoldLogic(or, isAnd: false),
        BinarySyntax { Left: StringSyntax left, Right: StringSyntax right } comparison =>
            FoldComparison(comparison.Operator, string.CompareOrdinal(left.Value, right.Value)),
        BinarySyntax comparison when IsComparison(comparison.Operator) && FoldNumber(comparison.Left) is long left
            && FoldNumber(comparison.Right) is long right =>
            FoldComparison(comparison.Operator, left.CompareTo(right)),
        _ => null,
    };

    private long? FoldLogic(BinarySyntax logic, bool isAnd)
    {
        bool? left = Fold(logic.Left);
        if (left is null)
            return null;
        if (left != isAnd)
            return isAnd ? 0 : 1;
        return Fold(logic.Right) is bool right ? (right ? 1 : 0) : null;
    }

    private static bool IsComparison(SyntaxOperator comparison) => FoldComparison(comparison, 0) is not null;

    private static long? FoldComparison(SyntaxOperator comparison, int order) => comparison switch
    {
        SyntaxOperator.Equal => order == 0 ? 1 : 0,
        SyntaxOperator.NotEqual => order != 0 ? 1 : 0,
        SyntaxOperator.Less => order < 0 ? 1 : 0,
        SyntaxOperator.LessOrEqual => order <= 0 ? 1 : 0,
        SyntaxOperator.Greater => order > 0 ? 1 : 0,
        SyntaxOperator.GreaterOrEqual => order >= 0 ? 1 : 0,
        _ => null,
    };
}
