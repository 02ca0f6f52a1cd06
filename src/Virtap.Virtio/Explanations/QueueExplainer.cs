using Virtap.Virtio.Queues;
using Virtap.Virtio.Verdicts;

namespace Virtap.Virtio.Explanations;

/// <summary>
/// Says in words what the fields of a virtqueue mean, whether they fit together, and what happened between two stops. It knows nothing but the text: what would need the guest's memory
/// (used_event, avail.idx) is named as not seen.
/// </summary>
public static class QueueExplainer
{
    /// <summary>Explains a text.</summary>
    /// <exception cref="VirtioException">There is no virtqueue in it.</exception>
    public static QueueExplanation Explain(string text)
    {
        IReadOnlyList<QueueTextEntry> entries = QueueText.Parse(text);
        ExplainedStop[] stops = [.. entries.Select(e => Stop(e, IsPacked(e.Queue)))];
        var steps = new List<ExplainedStep>();
        for (int to = 1; to < stops.Length; to++)
        {
            int from = Array.FindLastIndex(stops, to - 1, s => IsSameQueue(s.Entry, stops[to].Entry));
            if (from >= 0)
                steps.Add(new ExplainedStep(from, to, Step(stops[from], stops[to])));
        }

        return new QueueExplanation(stops, steps);
    }

    private static bool IsSameQueue(QueueTextEntry one, QueueTextEntry other) =>
        one.Device == other.Device && one.Queue.Index == other.Queue.Index && one.Queue.Number == other.Queue.Number
        && one.Queue.Descriptors == other.Queue.Descriptors;

    // A split ring's wrap counters stay as they are reset (true), its indices run past its size, and its avail ring is larger than an event structure.
    private static bool IsPacked(QueueState queue)
    {
        if (queue.LastAvailIndex >= queue.Number || queue.UsedIndex >= queue.Number)
            return false;
        bool room = queue is { Avail: { } avail, Used: { } used } && used > avail && used - avail < new RingGeometry(queue.Number, Packed: false, EventIndex: false).AvailBytes;
        return queue.LastAvailWrap == false || queue.UsedWrap == false || room;
    }

    private static ExplainedStop Stop(QueueTextEntry entry, bool packed)
    {
        QueueState queue = entry.Queue;
        var findings = new List<Finding>();
        if (queue.Number == 0)
        {
            findings.Add(Fact("The device does not have this queue (num = 0)."));
            return new ExplainedStop(entry, packed, findings);
        }

        string unit = packed ? "descriptor" : "request";
        IReadOnlyList<Finding> broken = QueueInvariants.Check(queue, packed);
        if (QueueInvariants.InFlight(queue, packed) is { } inFlight && inFlight <= queue.Number)
        {
            findings.Add(Fact(inFlight == 0
                ? $"Nothing is in flight: what QEMU has taken (last_avail_idx {queue.LastAvailIndex}) it has given back (used_idx {queue.UsedIndex})."
                : $"{Count(inFlight, unit)} in flight: taken up to {queue.LastAvailIndex} (last_avail_idx), given back up to {queue.UsedIndex} (used_idx)"
                    + (queue.InUse == inFlight ? $"; inuse = {queue.InUse} agrees." : ".")));
        }

        if (!packed && queue.ShadowAvailIndex is { } shadow && RingIndex.Distance(queue.LastAvailIndex, shadow) is var seen && seen <= queue.Number)
        {
            findings.Add(Fact(seen == 0
                ? "QEMU has taken every request it has seen (shadow_avail_idx = last_avail_idx)."
                : $"QEMU has seen {Count(seen, "more request")} than it has taken (shadow_avail_idx {shadow}, last_avail_idx {queue.LastAvailIndex})."));
            findings.Add(new Finding(FindingKind.Caution, "Whether the driver has made more available is not in this text: shadow_avail_idx is its avail.idx only as QEMU last looked."));
        }

        Signalled(queue, packed, findings);
        if (broken.Count == 0 && queue is { Descriptors: { } d and not 0, Avail: { } a, Used: { } u })
            findings.Add(Fact($"The ring addresses are consistent with num = {queue.Number}: {Parts(queue.Number, packed, d, a, u)}."));
        findings.AddRange(broken.Select(b => b with { Text = b.Text + "." }));
        return new ExplainedStop(entry, packed, findings);
    }

    private static void Signalled(QueueState queue, bool packed, List<Finding> findings)
    {
        if (packed || queue is not { SignalledUsed: { } signalled, SignalledUsedValid: { } valid })
            return;
        if (!valid)
        {
            findings.Add(new Finding(FindingKind.Caution,
                "signalled_used is not valid: no notification was considered since the queue was set up, or EVENT_IDX is not negotiated and QEMU does not keep it. It says nothing here."));
            return;
        }

        int waiting = RingIndex.Distance(signalled, queue.UsedIndex);
        if (waiting == 0)
        {
            findings.Add(Fact("A notification has been considered for every completion (signalled_used = used_idx)."));
            findings.Add(new Finding(FindingKind.Caution, "That does not prove that one was sent: signalled_used advances too when the driver asked not to be disturbed."));
            return;
        }

        if (waiting > queue.Number)
        {
            findings.Add(new Finding(FindingKind.Caution, $"signalled_used {signalled} is {waiting} behind used_idx {queue.UsedIndex}, more than the ring holds: it is stale and says nothing."));
            return;
        }

        ushort last = (ushort)(queue.UsedIndex - 1);
        findings.Add(Fact($"{Count(waiting, "completion")} not yet considered for a notification (signalled_used {signalled}, used_idx {queue.UsedIndex}): "
            + "normal at the entry of virtio_notify or virtio_notify_irqfd and within a batch; a fault only if it stays so while QEMU's thread has nothing to do."));
        findings.Add(Fact(waiting == 1
            ? $"With EVENT_IDX the guest is notified of it exactly if the driver's used_event is {signalled}, that is, if it has consumed all before it and asked to hear of the next. (used_event lies in guest memory, not in this text.)"
            : $"With EVENT_IDX the guest is notified of them exactly if the driver's used_event is one of {signalled} to {last}. (used_event lies in guest memory, not in this text.)"));
        // An entry is the driver's again only after it has seen the completion.
        if (queue.InUse is { } inUse && inUse + waiting >= queue.Number)
        {
            findings.Add(Fact($"The ring of {queue.Number} is full: {inUse} in flight and {waiting} completed but not announced occupy all its entries; "
                + "the driver can queue nothing more before it hears of a completion."));
        }
    }

    private static List<Finding> Step(ExplainedStop from, ExplainedStop to)
    {
        QueueState before = from.Entry.Queue, after = to.Entry.Queue;
        var findings = new List<Finding>();
        if (from.IsPacked || to.IsPacked)
        {
            if (before is { LastAvailWrap: { } w1, UsedWrap: { } u1 } && after is { LastAvailWrap: { } w2, UsedWrap: { } u2 })
            {
                findings.Add(Fact($"At least {Count(Forward(before.LastAvailIndex, w1, after.LastAvailIndex, w2, after.Number), "descriptor")} taken, "
                    + $"{Forward(before.UsedIndex, u1, after.UsedIndex, u2, after.Number)} given back (whole rounds of the ring of {after.Number} cannot be seen)."));
            }

            return findings;
        }

        int taken = RingIndex.Distance(before.LastAvailIndex, after.LastAvailIndex), completed = RingIndex.Distance(before.UsedIndex, after.UsedIndex);
        if (taken == 0 && completed == 0)
            findings.Add(Fact("Nothing was taken and nothing completed."));
        else
            findings.Add(Fact($"{Count(taken, "request")} taken from the avail ring ({before.LastAvailIndex} -> {after.LastAvailIndex}), {completed} completed ({before.UsedIndex} -> {after.UsedIndex})."));
        if (before.InUse is { } had && after.InUse is { } has)
        {
            findings.Add(Fact($"In flight: {had} -> {has}."));
            if (had + taken - completed != has)
                findings.Add(new Finding(FindingKind.Broken, $"That does not add up: {had} in flight + {taken} taken - {completed} completed = {had + taken - completed}, not {has}. Are these two queues, or is one index corrupt?"));
        }

        if (before is { SignalledUsed: { } signalledBefore, SignalledUsedValid: true } && after is { SignalledUsed: { } signalledAfter, SignalledUsedValid: true })
        {
            int covered = RingIndex.Distance(signalledBefore, signalledAfter);
            findings.Add(Fact(covered switch
            {
                0 => $"No notification was considered in between (signalled_used stays {signalledAfter}).",
                1 => $"One notification was decided on in between, for one completion (signalled_used {signalledBefore} -> {signalledAfter}).",
                _ => $"Notifications were decided on for {covered} completions in between (signalled_used {signalledBefore} -> {signalledAfter}): one at least, {covered} at most.",
            }));
            int pending = RingIndex.Distance(signalledAfter, after.UsedIndex);
            if (pending > 0 && pending < after.InUse)
            {
                findings.Add(Fact($"The notification that is due now is for {Count(pending, "completion")} only, although {after.InUse} more are in flight: QEMU considers a notification when its completion handler has run, "
                    + $"and by then {pending} had come back. The others will be announced with later ones, together if they complete together."));
            }
        }

        findings.Add(new Finding(FindingKind.Caution, "Indices count modulo 65536: a difference of n could also be n + 65536, had that many requests passed between the two stops."));
        return findings;
    }

    private static int Forward(ushort from, bool fromWrap, ushort to, bool toWrap, uint number)
    {
        int distance = RingIndex.Distance(from, fromWrap, to, toWrap, number);
        return distance < 0 ? distance + 2 * (int)number : distance;
    }

    private static string Parts(uint number, bool packed, ulong descriptors, ulong avail, ulong used)
    {
        if (packed)
            return $"{16 * number} bytes of descriptors at 0x{descriptors:x}, event structures at 0x{avail:x} and 0x{used:x}, nothing overlaps";
        var ring = new RingGeometry(number, Packed: false, EventIndex: true);
        string text = avail == descriptors + ring.DescriptorBytes
            ? $"{ring.DescriptorBytes} bytes of descriptors end where the avail ring begins"
            : $"{ring.DescriptorBytes} bytes of descriptors do not reach the avail ring";
        return used > avail ? text + $", whose {ring.AvailBytes} bytes end before the used ring, {used - avail} bytes on" : text + ", nothing overlaps";
    }

    private static Finding Fact(string text) => new(FindingKind.Fact, text);

    private static string Count(long number, string what) => number == 1 ? $"1 {what}" : $"{number} {what}s";
}
