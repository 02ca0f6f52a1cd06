using Virtap.Cli.Rendering;
using Virtap.Virtio.Features;
using Virtap.Virtio.Findings;
using Virtap.Virtio.Verdicts;

namespace Virtap.Cli.Words;

/// <summary>Verdicts in a word or two, and in one sentence.</summary>
internal static class VerdictWords
{
    public static string Of(VerdictKind kind) => kind switch
    {
        VerdictKind.Working => "working",
        VerdictKind.Polled => "polled",
        VerdictKind.Idle => "idle",
        VerdictKind.Outstanding => "outstanding",
        VerdictKind.Suspended => "suspended",
        VerdictKind.NotDriven => "not driven",
        VerdictKind.NotLive => "vhost",
        VerdictKind.RingNotVisible => "ring not visible",
        VerdictKind.DeviceBroken => "device broken",
        VerdictKind.Stopped => "stopped",
        VerdictKind.Paused => "paused",
        VerdictKind.BackendGone => "backend gone",
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

    /// <summary>A verdict in one sentence.</summary>
    public static string Summary(Verdict verdict) => verdict.Kind switch
    {
        VerdictKind.Working => "Requests come and go.",
        VerdictKind.Polled => "Requests come and go without notifications, by design: in every look the driver asked for none "
            + $"({(verdict.Reason is NotificationsUnwanted { IsPacked: true } ? "event flags" : "avail.flags")} 1).",
        VerdictKind.Idle => Idle(verdict.Reason),
        VerdictKind.Outstanding => Outstanding((InOneMoment)verdict.Reason!),
        VerdictKind.NotLive => "vhost serves the queues: QEMU's indices are not live, and only the rings in guest memory are judged.",
        VerdictKind.RingNotVisible => NotVisible(verdict.Reason),
        VerdictKind.NotDriven => verdict.Reason is StatusSeen { Status: var status } && status.HasFlag(DeviceStatus.Failed)
            ? "The guest's driver has given the device up." : "No driver in the guest drives the device (or not yet).",
        VerdictKind.DeviceBroken => "QEMU has given the device up: its driver handed it something invalid.",
        VerdictKind.NeedsReset => "The device has asked its driver for a reset, which has not come.",
        VerdictKind.Stopped => "The thread that serves the device is stopped: whatever it is given, it does nothing.",
        VerdictKind.Paused or VerdictKind.Suspended => NotRunning((verdict.Reason as NotRunning)?.RunState),
        VerdictKind.BackendGone => verdict.Reason is BackendSocket { Backend.IsAwaited: true }
            ? "The process that ought to serve the device is not there: QEMU waits for it to connect."
            : "The process that served the device is gone: QEMU has no connection to it.",
        VerdictKind.LostKick => Waiting((Backlog)verdict.Reason!) + " in the ring; the driver had to kick, and QEMU knows of no kick.",
        VerdictKind.NotServed => NotServed((Backlog)verdict.Reason!),
        VerdictKind.BackendStuck => Stuck((Stall)verdict.Reason!),
        VerdictKind.LostInterrupt => LostInterrupt((Unnoticed)verdict.Reason!),
        VerdictKind.NotificationPending => "QEMU has completed requests and has not considered notifying the guest of them.",
        _ => "The fields of the queue contradict each other.",
    };

    private static string Idle(Observation? reason) => reason switch
    {
        BuffersInAdvance { IsStill: true } buffers =>
            $"Nothing to do; buffers wait in the {buffers.Role} queue for something to happen, as they should.",
        BuffersInAdvance buffers => $"Buffers wait in the {buffers.Role} queue for something to happen, as they should.",
        DeviceAtRest { IsJudged: true } => "Nothing moves, as the device is not at work.",
        DeviceAtRest => "Not judged: the device is not at work.",
        _ => "Nothing to do.",
    };

    private static string NotVisible(Observation? reason) => reason switch
    {
        RingHidden { Why: HiddenReason.ServedByVhost } =>
            "The ring cannot be judged: vhost serves it, and it is not a split ring that can be seen in guest memory.",
        RingHidden { Why: HiddenReason.NotInCore } =>
            "QEMU worked on nothing; the ring is not in this core, so what waited there is not known.",
        _ => "Nothing moves in QEMU; the ring in guest memory cannot be seen, so what waits there is not known.",
    };

    private static string Outstanding(InOneMoment moment)
    {
        string worked = moment.InFlight > 0 ? $"QEMU worked on {ObservationWords.Units(moment.InFlight, moment.IsPacked)}" : "";
        if (moment.Waiting is not { } waiting)
            return worked + ": one moment does not tell whether they moved. The ring is not in this core.";
        string waited = moment switch
        {
            { IsVhost: true } => $"{ObservationWords.Units(waiting, moment.IsPacked)} were offered and not given back",
            { Waiting: 0 } => "",
            { IsPacked: true } => "some waited to be taken",
            _ => $"{ObservationWords.Count(waiting, "request")} waited to be taken",
        };
        return $"{Both(worked, waited, ", and ")}: one moment does not tell whether they moved.";
    }

    // By the names of qapi/run-state.json.
    private static string NotRunning(string? runState) => runState switch
    {
        "io-error" => "The guest does not run: QEMU has paused it after an I/O error of a disk.",
        "paused" => "The guest does not run: somebody has paused it (QMP stop, virsh suspend).",
        "prelaunch" => "The guest has not been started yet: QEMU waits to be told to (-S).",
        "inmigrate" => "The guest does not run here yet: QEMU waits for it to be migrated here.",
        "postmigrate" => "The guest does not run here any more: it was migrated away.",
        "finish-migrate" or "save-vm" or "restore-vm" or "colo" => "The guest does not run: QEMU is saving, loading or moving it.",
        "shutdown" => "The guest has shut down, and QEMU was told to stay (-no-shutdown).",
        "suspended" => "The guest has suspended itself.",
        "guest-panicked" => "The guest does not run: its kernel has panicked, and QEMU has paused it.",
        "watchdog" => "The guest does not run: it did not feed its watchdog, and QEMU has paused it.",
        "internal-error" => "The guest does not run: QEMU or KVM could not go on with it.",
        "debug" => "The guest does not run: a debugger that is connected to QEMU has stopped it.",
        _ => "The machine is paused: nothing moves.",
    };

    private static string NotServed(Backlog backlog)
    {
        if (!backlog.IsThreadStopped)
            return Waiting(backlog) + " in the ring, and QEMU's thread does not take them.";
        string requests = backlog.IsPacked ? "requests wait" : Requests(backlog.Waiting ?? 0);
        string waiting = backlog.Waiting > 0 ? requests + " in the ring" : "";
        string taken = backlog.Taken > 0 ? $"{ObservationWords.Units(backlog.Taken, backlog.IsPacked)} taken and not given back" : "";
        string both = Both(waiting, taken, ", ");
        return $"{char.ToUpperInvariant(both[0])}{both[1..]}: the thread that serves the queue is stopped.";
    }

    private static string Waiting(Backlog backlog) => backlog.IsPacked ? "Requests wait" : Requests(backlog.Waiting ?? 0);

    private static string Requests(int waiting) => waiting == 1 ? "1 request waits" : $"{waiting} requests wait";

    private static string Stuck(Stall stall)
    {
        string requests = ObservationWords.Units(stall.Count, stall.IsPacked);
        string time = Figures.Invariant($"{stall.Duration.TotalSeconds:0.0} s");
        if (stall.IsVhost)
            requests += stall.Count == 1 ? " is" : " are";
        return stall.IsVhost
            ? $"{requests} outstanding in the ring that vhost serves, and none has completed for {time}."
            : $"QEMU has taken {requests}{(stall.IsFull ? ", which fills the ring" : "")}, and none has come back for {time}.";
    }

    private static string LostInterrupt(Unnoticed unnoticed)
    {
        string what = unnoticed.Completions == 1 ? "a completion" : $"{unnoticed.Completions} completions";
        return $"The driver has not taken notice of {what}: an interrupt was lost, or the guest's CPU does not get to it.";
    }

    private static string Both(string one, string other, string between) =>
        one.Length > 0 && other.Length > 0 ? one + between + other : one + other;
}
