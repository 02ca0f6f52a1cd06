using Virtap.Virtio.Findings;
using Virtap.Virtio.Queues;

namespace Virtap.Virtio.Verdicts;

/// <summary>
/// Judges a device by a single state, as a core holds it. Whether something stands still one moment does not show, so nothing is called
/// stuck or lost; what QEMU's own fields say is certain, and fields that contradict each other are a candidate, as a thread may have been
/// between two stores.
/// </summary>
internal static class MomentJudge
{
    public static IReadOnlyList<Verdict> Judge(DeviceState state, HostView host)
    {
        var verdicts = new List<Verdict>();
        DeviceJudge.JudgeDevice(state, host, verdicts);
        foreach (QueueState queue in state.Queues)
        {
            if (queue.IsSetUp)
                verdicts.Add(JudgeQueue(state, queue));
        }

        return verdicts;
    }

    private static Verdict JudgeQueue(DeviceState device, QueueState queue)
    {
        Subject subject = Subject.Of(queue.Index);
        IReadOnlyList<Contradiction> broken = device.IsVhost ? [] : QueueInvariants.Check(queue, device.IsPacked);
        if (broken.Count > 0)
        {
            return new Verdict(VerdictKind.Corrupt, Certainty.Candidate, subject, null, [.. broken, new SingleMoment()],
                [AdviceKind.RequestsInCore, AdviceKind.QemuLogForIndices, AdviceKind.ThreadsInCore]);
        }

        uint inFlight = device.IsVhost ? 0 : queue.InUse ?? 0;
        if (queue.Guest is not { } ring)
        {
            return inFlight == 0 ? Verdict.Plain(VerdictKind.RingNotVisible, subject, new RingHidden(HiddenReason.NotInCore))
                : Verdict.Plain(VerdictKind.Outstanding, subject, new InOneMoment(inFlight, null, device.IsPacked, IsVhost: false));
        }

        int waiting = ring is { AvailIndex: { } avail, UsedIndex: { } used }
            ? RingIndex.Distance(device.IsVhost ? used : queue.LastAvailIndex, avail) : ring.NextIsAvailable == true ? 1 : 0;
        if (inFlight == 0 && waiting == 0)
            return Verdict.Plain(VerdictKind.Idle, subject);
        QueueRole role = QueueRole.Of(device.DeviceId, queue.Index ?? 0, device.Queues.Count);
        return role.IsAnsweredPromptly
            ? Verdict.Plain(VerdictKind.Outstanding, subject, new InOneMoment(inFlight, waiting, device.IsPacked, device.IsVhost))
            : Verdict.Plain(VerdictKind.Idle, subject, new BuffersInAdvance(role.Name, IsStill: false));
    }
}
