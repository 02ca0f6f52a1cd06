using Virtap.Tracing.Ir;

namespace Virtap.Tracing.Lowering;

/// <summary>MAXNESTING, in scripts whose calls could exceed it: they count how many are under way.</summary>
/// <param name="Depth">The count: a word of the context that no function's slots hold.</param>
/// <param name="Max">The limit.</param>
internal sealed record CallDepth(ContextSlot Depth, int Max)
{
    /// <summary>What the count takes.</summary>
    public const int Bytes = 8;

    /// <summary>Calls that a script with recursion may have under way beyond those that it has functions.</summary>
    public const int MoreForRecursion = 10;

    /// <summary>Whether one more call would be one too many.</summary>
    public LongExpression IsReached => new LongBinary(LongOperator.GreaterOrEqual, new LongAt(Depth), new LongConstant(Max));

    /// <summary>Counts a call that begins, or one that has come back.</summary>
    public StoreLong Change(int by) => new(Depth, new LongBinary(LongOperator.Add, new LongAt(Depth), new LongConstant(by)));
}
