using System.Diagnostics;
using Virtap.Virtio.Explanations;
using Virtap.Virtio.Findings;

namespace Virtap.Cli.Words;

/// <summary>What is explained of a queue, in whole sentences.</summary>
internal static class ExplanationWords
{
    public static string Of(Observation what) => what switch
    {
        Contradiction contradiction => ContradictionWords.Of(contradiction) + ".",
        NoSuchQueue => "The device does not have this queue (num = 0).",
        ServedByVhost queue =>
            $"vhost serves this queue: the backend has taken requests up to {queue.LastAvail} (last_avail_idx, which QEMU asks it for).",
        InFlight { Count: 0 } none =>
            $"Nothing is in flight: what QEMU has taken (last_avail_idx {none.LastAvail}) it has given back (used_idx {none.Used}).",
        InFlight some =>
            $"{ObservationWords.Units(some.Count, some.IsPacked)} in flight: taken up to {some.LastAvail} (last_avail_idx), "
            + $"given back up to {some.Used} (used_idx){(some.InUse == some.Count ? $"; inuse = {some.InUse} agrees." : ".")}",
        SeenNotTaken { Count: 0 } => "QEMU has taken every request it has seen (shadow_avail_idx = last_avail_idx).",
        SeenNotTaken seen => $"QEMU has seen {ObservationWords.Count(seen.Count, "more request")} than it has taken "
            + $"(shadow_avail_idx {seen.ShadowAvail}, last_avail_idx {seen.LastAvail}).",
        AllConsidered => "A notification has been considered for every completion (signalled_used = used_idx).",
        NotYetConsidered some =>
            $"{Completions(some.Count)} not yet considered for a notification (signalled_used {some.Signalled}, used_idx {some.Used}): "
            + "normal at the entry of virtio_notify or virtio_notify_irqfd and within a batch; "
            + "a fault only if it stays so while QEMU's thread has nothing to do.",
        NotifiedAt at => Of(at),
        SignalledUsedStale stale => $"signalled_used {stale.Signalled} is {stale.Behind} behind used_idx {stale.Used}, "
            + "more than the ring holds: it is stale and says nothing.",
        RingFull full =>
            $"The ring of {full.Number} is full: {full.InUse} in flight and {full.Unannounced} completed but not announced "
            + "occupy all its entries; the driver can queue nothing more before it hears of a completion.",
        PartsFit parts => $"The ring addresses are consistent with num = {parts.Number}: {Of(parts)}.",
        PackedProgress progress => $"At least {ObservationWords.Count(progress.Taken, "descriptor")} taken, "
            + $"{progress.Completed} given back (whole rounds of the ring of {progress.Number} cannot be seen).",
        Progress { Taken: 0, Completed: 0 } => "Nothing was taken and nothing completed.",
        Progress progress =>
            $"{ObservationWords.Count(progress.Taken, "request")} taken from the avail ring "
            + $"({progress.LastAvail.Before} -> {progress.LastAvail.After}), {progress.Completed} completed ({progress.Used.Before} -> "
            + $"{progress.Used.After}).",
        InUseChange change => $"In flight: {change.Before} -> {change.After}.",
        DoesNotAddUp sum => $"That does not add up: {sum.Before} in flight + {sum.Taken} taken - {sum.Completed} completed "
            + $"= {DoesNotAddUp.Expected(sum.Before, sum.Taken, sum.Completed)}, not {sum.After}. "
            + "Are these two queues, or is one index corrupt?",
        Considered considered => Of(considered),
        NotificationDue due =>
            $"The notification that is due now is for {Completions(due.Completions)} only, although {due.InUse} more are in flight: "
            + $"QEMU considers a notification when its completion handler has run, and by then {due.Completions} had come back. "
            + "The others will be announced with later ones, together if they complete together.",
        Reservation reservation => Of(reservation.Kind),
        _ => throw new UnreachableException($"there are no words for {what.Name}"),
    };

    private static string Completions(int count) => ObservationWords.Count(count, "completion");

    private static string Of(NotifiedAt at) => "With EVENT_IDX the guest is notified of "
        + (at.First == at.Last
            ? $"it exactly if the driver's used_event is {at.First}, "
                + "that is, if it has consumed all before it and asked to hear of the next."
            : $"them exactly if the driver's used_event is one of {at.First} to {at.Last}.")
        + " (used_event lies in guest memory, not in this text.)";

    private static string Of(Considered considered) => considered.Completions switch
    {
        0 => $"No notification was considered in between (signalled_used stays {considered.SignalledAfter}).",
        1 => "One notification was decided on in between, for one completion "
            + $"(signalled_used {considered.SignalledBefore} -> {considered.SignalledAfter}).",
        var count => $"Notifications were decided on for {count} completions in between "
            + $"(signalled_used {considered.SignalledBefore} -> {considered.SignalledAfter}): one at least, {count} at most.",
    };

    private static string Of(PartsFit parts)
    {
        string descriptors = $"{parts.DescriptorBytes} bytes of descriptors ";
        if (parts.IsPacked)
        {
            string events = $"event structures at 0x{parts.Avail:x} and 0x{parts.Used:x}";
            return $"{descriptors}at 0x{parts.Descriptors:x}, {events}, nothing overlaps";
        }

        bool isBehind = parts.Avail == parts.Descriptors + parts.DescriptorBytes;
        descriptors += isBehind ? "end where the avail ring begins" : "do not reach the avail ring";
        return descriptors + (parts.Used > parts.Avail
            ? $", whose {parts.AvailBytes} bytes end before the used ring, {parts.Used - parts.Avail} bytes on" : ", nothing overlaps");
    }

    private static string Of(ReservationKind kind) => kind switch
    {
        ReservationKind.VhostCopiesAreOld =>
            "used_idx, inuse and signalled_used are QEMU's own copies, which nobody keeps up while vhost serves the queue: "
            + "what is in flight cannot be told from this text. The rings in guest memory have it (virtap vq, virtap ring).",
        ReservationKind.OffersAreNotInText =>
            "Whether the driver has made more available is not in this text: shadow_avail_idx is its avail.idx only as QEMU last looked.",
        ReservationKind.SignalledUsedIsInvalid =>
            "signalled_used is not valid: no notification was considered since the queue was set up, "
            + "or EVENT_IDX is not negotiated and QEMU does not keep it. It says nothing here.",
        ReservationKind.ConsideredIsNotSent =>
            "That does not prove that one was sent: signalled_used advances too when the driver asked not to be disturbed.",
        _ => "Indices count modulo 65536: a difference of n could also be n + 65536, had that many requests passed between the two stops.",
    };
}
