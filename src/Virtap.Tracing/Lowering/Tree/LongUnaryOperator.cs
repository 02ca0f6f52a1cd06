namespace Virtap.Tracing.Lowering.Tree;

/// <summary>Operations on one signed 64-bit integer.</summary>
public enum LongUnaryOperator
{
    Negate,
    BitwiseNot,
    LogicalNot,
}
