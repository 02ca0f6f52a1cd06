using Virtap.Tracing.Lowering.Tree;

namespace Virtap.Tracing.Lowering;

/// <summary>Operations on constants, as macros and script arguments leave them behind.</summary>
public sealed partial class Lowerer
{
    private static LongExpression Fold(LongUnary unary) => unary.Operand is not LongConstant { Value: var value } ? unary : new LongConstant(unary.Operator switch
    {
        LongUnaryOperator.Negate => unchecked(-value),
        LongUnaryOperator.BitwiseNot => ~value,
        _ => value == 0 ? 1 : 0,
    });

    private static LongExpression Fold(LongBinary binary)
    {
        if (binary is not { Left: LongConstant { Value: var left }, Right: LongConstant { Value: var right } })
            return binary;
        unchecked
        {
            switch (binary.Operator)
            {
                case LongOperator.Add: return new LongConstant(left + right);
                case LongOperator.Subtract: return new LongConstant(left - right);
                case LongOperator.Multiply: return new LongConstant(left * right);
                // The smallest number divided by -1 does not fit; wrapping makes it itself.
                case LongOperator.Divide when right != 0: return new LongConstant(right == -1 ? -left : left / right);
                case LongOperator.Modulo when right != 0: return new LongConstant(right == -1 ? 0 : left % right);
                case LongOperator.And: return new LongConstant(left & right);
                case LongOperator.Or: return new LongConstant(left | right);
                case LongOperator.Xor: return new LongConstant(left ^ right);
                case LongOperator.ShiftLeft: return new LongConstant(left << (int)(right & 63));
                case LongOperator.ShiftRight: return new LongConstant(left >> (int)(right & 63));
                case LongOperator.ShiftRightLogical: return new LongConstant(left >>> (int)(right & 63));
                case LongOperator.Equal: return Constant(left == right);
                case LongOperator.NotEqual: return Constant(left != right);
                case LongOperator.Less: return Constant(left < right);
                case LongOperator.LessOrEqual: return Constant(left <= right);
                case LongOperator.Greater: return Constant(left > right);
                case LongOperator.GreaterOrEqual: return Constant(left >= right);
                default: return binary;
            }
        }
    }

    private static LongConstant Constant(bool value) => new(value ? 1 : 0);
}
