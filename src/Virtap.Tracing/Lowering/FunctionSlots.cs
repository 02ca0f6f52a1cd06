using Virtap.Tracing.Lowering.Tree;

namespace Virtap.Tracing.Lowering;

/// <summary>A function as its callers see it.</summary>
/// <param name="Function">The function.</param>
/// <param name="Arguments">
/// Where callers put its arguments: its parameters, but for a recursive function places of their own, from which it fetches them, because its parameters still hold those of the caller.
/// </param>
/// <param name="Result">Where its result is after the call; null where it has none.</param>
internal sealed record FunctionSlots(LoweredFunction Function, IReadOnlyList<SlotPlace> Arguments, SlotPlace? Result)
{
    /// <summary>Where its frame ends.</summary>
    public int End { get; set; }
}
