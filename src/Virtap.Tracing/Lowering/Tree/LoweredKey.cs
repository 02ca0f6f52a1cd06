namespace Virtap.Tracing.Lowering.Tree;

/// <summary>One key of an array access: exactly one of the two is set.</summary>
public readonly record struct LoweredKey(LongExpression? Long, StringExpression? String);
