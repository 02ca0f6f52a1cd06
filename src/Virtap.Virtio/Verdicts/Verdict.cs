using Virtap.Virtio.Findings;

namespace Virtap.Virtio.Verdicts;

/// <summary>A judgement on a device or one of its queues, as data; words are made of it elsewhere.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Certainty">How sure that is.</param>
/// <param name="Subject">What it is on.</param>
/// <param name="Reason">What of it differs from one verdict of the kind to the next: how many requests, for how long. Null where the kind
/// says all.</param>
/// <param name="Evidence">What was seen.</param>
/// <param name="Advice">What to look at, or to do, next.</param>
public sealed record Verdict(
    VerdictKind Kind,
    Certainty Certainty,
    Subject Subject,
    Observation? Reason,
    IReadOnlyList<Observation> Evidence,
    IReadOnlyList<Advice> Advice)
{
    /// <summary>When it began, at the latest; null where that is not known.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>Whether something is wrong.</summary>
    public bool IsFault => Kind >= VerdictKind.DeviceBroken;

    /// <summary>The queue that it is on; null for the device or the machine.</summary>
    public int? Queue => Subject.Queue;

    /// <summary>A verdict on which nothing is to be shown or done.</summary>
    internal static Verdict Plain(VerdictKind kind, Subject subject, Observation? reason = null) =>
        new(kind, Certainty.Certain, subject, reason, [], []);
}

/// <summary>What a verdict is on.</summary>
/// <param name="Kind">What that is.</param>
/// <param name="Queue">The number of a queue; null for anything else.</param>
public readonly record struct Subject(SubjectKind Kind, int? Queue = null)
{
    /// <summary>The machine that the device is of.</summary>
    public static Subject Machine => new(SubjectKind.Machine);

    /// <summary>The whole device.</summary>
    public static Subject Device => new(SubjectKind.Device);

    /// <summary>One of its queues.</summary>
    public static Subject Of(int? queue) => new(SubjectKind.Queue, queue);
}

/// <summary>Kinds of what verdicts are on.</summary>
public enum SubjectKind
{
    Machine,
    Device,
    Queue,
}

/// <summary>How sure a verdict is.</summary>
public enum Certainty
{
    /// <summary>QEMU's own fields say so, or the host's kernel does.</summary>
    Certain,

    /// <summary>Nothing else that is known explains what was seen for so long.</summary>
    Likely,

    /// <summary>What was seen fits, and fits other explanations too, or was seen for a short time only.</summary>
    Candidate,
}
