using Virtap.Language.Binding.Declarations;
using Virtap.Language.Binding.Tree;
using Virtap.Language.Library;
using Virtap.Language.Syntax.Tree;

namespace Virtap.Language.Binding.Bodies;

/// <summary>
/// Conditions that are decided while binding: what a target does not have is asked for in branches that must not be bound.
/// </summary>
internal sealed partial class BodyBinder
{
    /// <summary>Whether a condition holds; null where only the running script knows.</summary>
    private bool? Fold(ExpressionSyntax condition) => FoldNumber(condition) is long value ? value != 0 : null;

    /// <summary>
    /// What a constant leaves out is not bound; but as with SystemTap the functions in it have to exist, except in probes of a target,
    /// out of which such branches are taken before names are looked up.
    /// </summary>
    private void CheckNames(SyntaxNode? dead)
    {
        if (_file.IsLibrary || unit is { Function: null, Group.HasVariables: true })
            return;
        SyntaxWalk.Any(dead, node =>
        {
            if (node is CallSyntax call)
                CheckName(call);
            return false;
        });
    }

    private void CheckName(CallSyntax call)
    {
        BuiltIn? builtIn = BuiltIns.Find(call.Name);
        IReadOnlyList<FunctionDeclaration> named = program.Declarations.FindFunctions(call.Name, _file);
        bool isKnown = builtIn is { TakesValues: true } || builtIn?.Parameters.Count == call.Arguments.Count
            || WithArityOf(call, named) is not [] || UnsupportedFunctions.Find(call.Name) is not null;
        if (!isKnown)
            ReportUnresolved(call, named, builtIn);
    }

    /// <summary>What is written out in the half of a choice that is left out has the type of the other.</summary>
    private void CheckLeftOut(ExpressionSyntax dead, BoundExpression live)
    {
        CheckNames(dead);
        if (dead is StringSyntax or NumberSyntax && unit is not { Function: null, Group.HasVariables: true })
            Unify(live, BindExpression(dead, live.Type));
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
