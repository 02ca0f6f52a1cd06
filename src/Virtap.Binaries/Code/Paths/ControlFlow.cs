using Virtap.Binaries.Code.Symbolic;

namespace Virtap.Binaries.Code.Paths;

/// <summary>How control passes through a function, calls that never come back taken into account.</summary>
internal sealed class ControlFlow(DecodedFunction code, CalledFunctions functions)
{
    /// <summary>The instructions.</summary>
    public DecodedFunction Code => code;

    /// <summary>Whether an instruction goes on to the next one.</summary>
    public bool GoesOn(int at)
    {
        if (at + 1 >= code.Count)
            return false;
        Flow flow = code.FlowOf(at);
        return flow.Kind is FlowKind.Next or FlowKind.ConditionalJump || (flow.Kind == FlowKind.Call && functions.Returns(flow));
    }

    /// <summary>
    /// The instructions that are entered from outside, or in a way that is not known: the first one, and what nothing leads to unless it is
    /// padding.
    /// </summary>
    public IEnumerable<int> Entries()
    {
        for (int at = 0; at < code.Count; at++)
        {
            if (at == 0 || (!code.IsPadding(at) && code.JumpsTo(at).IsEmpty && !IsFallenInto(at)))
                yield return at;
        }
    }

    /// <summary>
    /// Whether the instruction before goes on to this one; padding does not, unless something jumps or falls into the padding.
    /// </summary>
    private bool IsFallenInto(int at)
    {
        while (at > 0 && code.IsPadding(at - 1) && code.JumpsTo(at - 1).IsEmpty)
            at--;
        return at > 0 && GoesOn(at - 1);
    }
}
