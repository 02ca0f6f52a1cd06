namespace Virtap.Tracing.Ir;

/// <summary>
/// What operations on numbers come to: the one arithmetic of folding and of the evaluator, which eBPF's instructions repeat.
/// </summary>
public static class LongArithmetic
{
    /// <summary>The result of an operation on one number.</summary>
    public static long Apply(LongUnaryOperator operation, long operand) => operation switch
    {
        LongUnaryOperator.Negate => unchecked(-operand),
        LongUnaryOperator.BitwiseNot => ~operand,
        LongUnaryOperator.LogicalNot => Truth(operand == 0),
    };

    /// <summary>The result of an operation on two numbers; null for a division by zero.</summary>
    public static long? Apply(LongOperator operation, long left, long right) => operation switch
    {
        LongOperator.Add => unchecked(left + right),
        LongOperator.Subtract => unchecked(left - right),
        LongOperator.Multiply => unchecked(left * right),
        LongOperator.Divide or LongOperator.Modulo when right == 0 => null,
        // With C's signs. The smallest number divided by -1 does not fit; wrapping makes it itself.
        LongOperator.Divide => right == -1 ? unchecked(-left) : left / right,
        LongOperator.Modulo => right == -1 ? 0 : left % right,
        LongOperator.And => left & right,
        LongOperator.Or => left | right,
        LongOperator.Xor => left ^ right,
        LongOperator.ShiftLeft => left << (int)(right & 63),
        LongOperator.ShiftRight => left >> (int)(right & 63),
        LongOperator.ShiftRightLogical => left >>> (int)(right & 63),
        LongOperator.Equal => Truth(left == right),
        LongOperator.NotEqual => Truth(left != right),
        LongOperator.Less => Truth(left < right),
        LongOperator.LessOrEqual => Truth(left <= right),
        LongOperator.Greater => Truth(left > right),
        LongOperator.GreaterOrEqual => Truth(left >= right),
        LongOperator.LessUnsigned => Truth((ulong)left < (ulong)right),
    };

    /// <summary>
    /// Whether a comparison holds for two values of which the first is less than (-), equal to (0) or greater than (+) the second.
    /// </summary>
    public static bool Holds(LongOperator comparison, int order) => Apply(comparison, order, 0) == 1;

    private static long Truth(bool holds) => holds ? 1 : 0;
}
