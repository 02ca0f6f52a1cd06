using Virtap.Virtio.Verdicts;

namespace Virtap.Cli.Why;

/// <summary>Verdicts in a word or two.</summary>
internal static class VerdictWords
{
    public static string Of(VerdictKind kind) => kind switch
    {
        VerdictKind.Working => "working",
        VerdictKind.Polled => "polled",
        VerdictKind.Idle => "idle",
        VerdictKind.Outstanding => "outstanding",
        VerdictKind.Paused => "paused",
        VerdictKind.NotDriven => "not driven",
        VerdictKind.NotLive => "vhost",
        VerdictKind.RingNotVisible => "ring not visible",
        VerdictKind.DeviceBroken => "device broken",
        VerdictKind.Stopped => "stopped",
        VerdictKind.NeedsReset => "needs reset",
        VerdictKind.LostKick => "lost kick",
        VerdictKind.NotServed => "not served",
        VerdictKind.BackendStuck => "backend stuck",
        VerdictKind.LostInterrupt => "lost interrupt",
        VerdictKind.NotificationPending => "notification pending",
        VerdictKind.Corrupt => "corrupt",
        _ => kind.ToString(),
    };

    /// <summary>How sure a verdict is, in a few words.</summary>
    public static string Of(Certainty certainty) => certainty switch
    {
        Certainty.Certain => "certain: QEMU's own fields or the host's kernel say so",
        Certainty.Likely => "likely: nothing else that is known looks like this for so long",
        _ => "a candidate: it fits what was seen, and other explanations do too",
    };
}
