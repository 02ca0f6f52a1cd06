using Virtap.Language;
using Virtap.Language.Binding.Tree;
using Virtap.Language.Syntax.Tree;

namespace Virtap.Tracing.Lowering.Analysis;

/// <summary>
/// A statement that only adds to a global: <c>n++</c>, <c>n += x</c>, <c>n = n + x</c>. Such additions commute, so one atomic instruction
/// does them.
/// </summary>
/// <param name="Global">What is added to.</param>
/// <param name="Amount">What is added, or null for <paramref name="Change"/>.</param>
/// <param name="Change">A constant to add.</param>
/// <param name="IsSubtraction">Whether the amount is taken away.</param>
internal readonly record struct Addition(GlobalSymbol Global, BoundExpression? Amount, long Change, bool IsSubtraction)
{
    /// <summary>Recognises an expression whose value is not used.</summary>
    public static Addition? Of(BoundExpression statement) => statement switch
    {
        BoundIncrement { Target: BoundVariable { Symbol: GlobalSymbol global } } increment when IsNumber(global) =>
            new(global, null, increment.Change, false),
        BoundAssignment
        {
            Operator: SyntaxOperator.Add or SyntaxOperator.Subtract,
            Target: BoundVariable { Symbol: GlobalSymbol global },
        } assignment when IsNumber(global) =>
            new(global, assignment.Value, 0, assignment.Operator == SyntaxOperator.Subtract),
        BoundAssignment
        {
            Operator: SyntaxOperator.Assign,
            Target: BoundVariable { Symbol: GlobalSymbol global },
            Value: BoundBinary value,
        } when IsNumber(global) =>
            OfSum(global, value),
        _ => null,
    };

    private static Addition? OfSum(GlobalSymbol global, BoundBinary value)
    {
        bool isSubtraction = value.Operator == SyntaxOperator.Subtract;
        if (!isSubtraction && value.Operator != SyntaxOperator.Add)
            return null;
        if (IsGlobal(value.Left, global))
            return new(global, value.Right, 0, isSubtraction);
        return !isSubtraction && IsGlobal(value.Right, global) ? new(global, value.Left, 0, false) : null;
    }

    private static bool IsNumber(GlobalSymbol global) => !global.IsArray && global.Type is ScriptType.Long or ScriptType.Unknown;

    private static bool IsGlobal(BoundExpression expression, GlobalSymbol global) =>
        expression is BoundVariable variable && variable.Symbol == global;
}
