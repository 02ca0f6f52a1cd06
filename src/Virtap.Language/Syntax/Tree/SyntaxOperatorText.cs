namespace Virtap.Language.Syntax.Tree;

/// <summary>How operators are written.</summary>
public static class SyntaxOperatorText
{
    /// <summary>An operator as scripts write it.</summary>
    public static string Spelling(this SyntaxOperator operation) => operation switch
    {
        SyntaxOperator.Add or SyntaxOperator.Plus => "+",
        SyntaxOperator.Subtract or SyntaxOperator.Negate => "-",
        SyntaxOperator.Multiply => "*",
        SyntaxOperator.Divide => "/",
        SyntaxOperator.Modulo => "%",
        SyntaxOperator.ShiftLeft => "<<",
        SyntaxOperator.ShiftRight => ">>",
        SyntaxOperator.ShiftRightLogical => ">>>",
        SyntaxOperator.BitAnd => "&",
        SyntaxOperator.BitOr => "|",
        SyntaxOperator.BitXor => "^",
        SyntaxOperator.LogicalAnd => "&&",
        SyntaxOperator.LogicalOr => "||",
        SyntaxOperator.LogicalNot => "!",
        SyntaxOperator.BitNot => "~",
        SyntaxOperator.Concatenate => ".",
        SyntaxOperator.Equal => "==",
        SyntaxOperator.NotEqual => "!=",
        SyntaxOperator.Less => "<",
        SyntaxOperator.LessOrEqual => "<=",
        SyntaxOperator.Greater => ">",
        SyntaxOperator.GreaterOrEqual => ">=",
        SyntaxOperator.Match => "=~",
        SyntaxOperator.NotMatch => "!~",
        SyntaxOperator.Assign => "=",
        SyntaxOperator.Accumulate => "<<<",
        SyntaxOperator.Increment => "++",
        SyntaxOperator.Decrement => "--",
        _ => throw new ArgumentOutOfRangeException(nameof(operation)),
    };
}
