namespace Virtap.Virtio.Verdicts;

/// <summary>A judgement on a device or one of its queues.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Certainty">How sure that is.</param>
/// <param name="Queue">The queue's number; null for the whole device.</param>
/// <param name="Summary">It in one sentence.</param>
/// <param name="Evidence">What was seen: fields, values, for how long.</param>
/// <param name="Next">What to look at next.</param>
public sealed record Verdict(VerdictKind Kind, Certainty Certainty, int? Queue, string Summary, IReadOnlyList<string> Evidence, IReadOnlyList<string> Next)
{
    /// <summary>Whether something is wrong.</summary>
    public bool IsFault => Kind >= VerdictKind.DeviceBroken;
}
