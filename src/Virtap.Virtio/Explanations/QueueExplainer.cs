using Virtap.Virtio.Findings;
using Virtap.Virtio.Queues;

namespace Virtap.Virtio.Explanations;

/// <summary>
/// Says what the fields of a virtqueue mean, whether they fit together, and what happened between two stops. It knows nothing but the
/// text: what would need the guest's memory (used_event, avail.idx) is named as not seen.
/// </summary>
public static class QueueExplainer
{
    /// <summary>Explains a text.</summary>
    /// <exception cref="VirtioException">There is no virtqueue in it.</exception>
    public static QueueExplanation Explain(string text)
    {
        QueueTexts texts = QueueText.Parse(text);
        ExplainedStop[] stops = [.. texts.Entries.Select(e => Stop(e, IsPacked(e.Queue)))];
        var steps = new List<ExplainedStep>();
        for (int to = 1; to < stops.Length; to++)
        {
            int from = Array.FindLastIndex(stops, to - 1, s => IsSameQueue(s.Entry, stops[to].Entry));
            if (from >= 0 && !stops[to].Entry.IsVhost)
                steps.Add(new ExplainedStep(from, to, Step(stops[from], stops[to])));
        }

        return new QueueExplanation(stops, steps, texts.Unread);
    }

    private static bool IsSameQueue(QueueTextEntry one, QueueTextEntry other) =>
        (one.Device, one.IsVhost, one.Queue.Index, one.Queue.Number, one.Queue.Descriptors)
        == (other.Device, other.IsVhost, other.Queue.Index, other.Queue.Number, other.Queue.Descriptors);

    // A split ring's wrap counters stay as they are reset (true), its indices run past its size, and its avail ring is larger than an
    // event structure.
    private static bool IsPacked(QueueState queue)
    {
        if (queue.LastAvailIndex >= queue.Number || queue.UsedIndex >= queue.Number)
            return false;
        // QMP and HMP leave the counters out. What is in flight then tells: it fits one of the two ways to count.
        if (queue is { LastAvailWrap: null, UsedWrap: null, InUse: { } inUse }
            && RingIndex.Distance(queue.UsedIndex, queue.LastAvailIndex) != inUse && QueueInvariants.InFlight(queue, packed: true) == inUse)
            return true;
        var split = new RingGeometry(queue.Number, Packed: false, EventIndex: false);
        bool isTooNear = queue is { Avail: { } avail, Used: { } used } && used > avail && used - avail < split.AvailBytes;
        return queue.LastAvailWrap == false || queue.UsedWrap == false || isTooNear;
    }

    private static ExplainedStop Stop(QueueTextEntry entry, bool packed) => new(entry, packed, entry switch
    {
        { Queue.Number: 0 } => [Fact(new NoSuchQueue())],
        { IsVhost: true } => [Fact(new ServedByVhost(entry.Queue.LastAvailIndex)), Caution(ReservationKind.VhostCopiesAreOld)],
        _ => [.. Findings(entry.Queue, packed)],
    });

    private static IEnumerable<Finding> Findings(QueueState queue, bool packed)
    {
        if (QueueInvariants.InFlight(queue, packed) is { } inFlight && inFlight <= queue.Number)
            yield return Fact(new InFlight(inFlight, packed, queue.LastAvailIndex, queue.UsedIndex, queue.InUse));
        if (!packed && queue.ShadowAvailIndex is { } shadow
            && RingIndex.Distance(queue.LastAvailIndex, shadow) is var seen && seen <= queue.Number)
        {
            yield return Fact(new SeenNotTaken(seen, shadow, queue.LastAvailIndex));
            yield return Caution(ReservationKind.OffersAreNotInText);
        }

        if (!packed && queue is { SignalledUsed: { } signalled, SignalledUsedValid: { } valid })
        {
            foreach (Finding finding in valid ? Notifications(queue, signalled) : [Caution(ReservationKind.SignalledUsedIsInvalid)])
                yield return finding;
        }

        IReadOnlyList<Contradiction> broken = QueueInvariants.Check(queue, packed);
        if (broken.Count == 0 && queue is { Descriptors: { } descriptors and not 0, Avail: { } avail, Used: { } used })
        {
            var ring = new RingGeometry(queue.Number, packed, EventIndex: true);
            yield return Fact(new PartsFit(queue.Number, packed, descriptors, ring.DescriptorBytes, avail, ring.AvailBytes, used));
        }

        foreach (Contradiction contradiction in broken)
            yield return new Finding(FindingKind.Broken, contradiction);
    }

    private static IEnumerable<Finding> Notifications(QueueState queue, ushort signalled)
    {
        int waiting = RingIndex.Distance(signalled, queue.UsedIndex);
        if (waiting == 0)
        {
            yield return Fact(new AllConsidered(signalled));
            yield return Caution(ReservationKind.ConsideredIsNotSent);
            yield break;
        }

        if (waiting > queue.Number)
        {
            yield return new Finding(FindingKind.Caution, new SignalledUsedStale(waiting, signalled, queue.UsedIndex));
            yield break;
        }

        yield return Fact(new NotYetConsidered(waiting, signalled, queue.UsedIndex));
        yield return Fact(new NotifiedAt(signalled, (ushort)(queue.UsedIndex - 1)));
        // An entry is the driver's again only after it has seen the completion.
        if (queue.InUse is { } inUse && inUse + waiting >= queue.Number)
            yield return Fact(new RingFull(queue.Number, inUse, waiting));
    }

    private static IReadOnlyList<Finding> Step(ExplainedStop from, ExplainedStop to)
    {
        QueueState before = from.Entry.Queue, after = to.Entry.Queue;
        return from.IsPacked || to.IsPacked ? PackedStep(before, after) : [.. SplitStep(before, after)];
    }

    private static IReadOnlyList<Finding> PackedStep(QueueState before, QueueState after)
    {
        if (before is not { LastAvailWrap: { } availWrap, UsedWrap: { } usedWrap }
            || after is not { LastAvailWrap: { } newAvailWrap, UsedWrap: { } newUsedWrap })
            return [];
        return
        [
            Fact(new PackedProgress(
                Forward(before.LastAvailIndex, availWrap, after.LastAvailIndex, newAvailWrap, after.Number),
                Forward(before.UsedIndex, usedWrap, after.UsedIndex, newUsedWrap, after.Number),
                after.Number)),
        ];
    }

    private static IEnumerable<Finding> SplitStep(QueueState before, QueueState after)
    {
        int taken = RingIndex.Distance(before.LastAvailIndex, after.LastAvailIndex);
        int completed = RingIndex.Distance(before.UsedIndex, after.UsedIndex);
        var indices = (LastAvail: (before.LastAvailIndex, after.LastAvailIndex), Used: (before.UsedIndex, after.UsedIndex));
        yield return Fact(new Progress(indices.LastAvail, indices.Used, taken, completed));
        if (before.InUse is { } had && after.InUse is { } has)
        {
            yield return Fact(new InUseChange(had, has));
            if (DoesNotAddUp.Expected(had, taken, completed) != has)
                yield return new Finding(FindingKind.Broken, new DoesNotAddUp(had, taken, completed, has));
        }

        if (before is { SignalledUsed: { } signalledBefore, SignalledUsedValid: true }
            && after is { SignalledUsed: { } signalledAfter, SignalledUsedValid: true })
        {
            yield return Fact(new Considered(RingIndex.Distance(signalledBefore, signalledAfter), signalledBefore, signalledAfter));
            int due = RingIndex.Distance(signalledAfter, after.UsedIndex);
            if (due > 0 && after.InUse is { } inUse && due < inUse)
                yield return Fact(new NotificationDue(due, inUse));
        }

        yield return Caution(ReservationKind.IndicesGoRound);
    }

    private static int Forward(ushort from, bool fromWrap, ushort to, bool toWrap, uint number)
    {
        int distance = RingIndex.Distance(from, fromWrap, to, toWrap, number);
        return distance < 0 ? distance + 2 * (int)number : distance;
    }

    private static Finding Fact(Observation what) => new(FindingKind.Fact, what);

    private static Finding Caution(ReservationKind kind) => new(FindingKind.Caution, new Reservation(kind));
}
