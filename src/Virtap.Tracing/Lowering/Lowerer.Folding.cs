using Virtap.Tracing.Ir;

namespace Virtap.Tracing.Lowering;

/// <summary>Operations on constants, as macros and script arguments leave them behind.</summary>
public sealed partial class Lowerer
{
    private static LongExpression Fold(LongUnary unary) =>
        unary.Operand is LongConstant { Value: var value } ? new LongConstant(LongArithmetic.Apply(unary.Operator, value)) : unary;

    /// <summary>A division by zero is left to be raised where it happens.</summary>
    private static LongExpression Fold(LongBinary binary) =>
        binary is { Left: LongConstant { Value: var left }, Right: LongConstant { Value: var right } }
            && LongArithmetic.Apply(binary.Operator, left, right) is long value
            ? new LongConstant(value)
            : binary;
}
