using Virtap.Virtio.Queues;

namespace Virtap.Virtio.Verdicts;

/// <summary>
/// Judges a device by a single state, as a core holds it. Whether something stands still one moment does not show, so nothing is called stuck or lost; what QEMU's own fields say is certain, and fields that contradict each
/// other are a candidate, as a thread may have been between two stores.
/// </summary>
internal static class MomentJudge
{
    public static IReadOnlyList<Verdict> Judge(DeviceState state)
    {
        var verdicts = new List<Verdict>();
        DeviceJudge.JudgeDevice(state, verdicts);
        foreach (QueueState queue in state.Queues)
        {
            if (queue.IsSetUp)
                verdicts.Add(JudgeQueue(state, queue));
        }

        return verdicts;
    }

    private static Verdict JudgeQueue(DeviceState device, QueueState queue)
    {
        bool isVhost = device.VhostStarted == true;
        IReadOnlyList<Finding> broken = isVhost ? [] : QueueInvariants.Check(queue, device.IsPacked);
        if (broken.Count > 0)
        {
            return new Verdict(VerdictKind.Corrupt, Certainty.Candidate, queue.Index, "The fields of the queue contradict each other.",
                [.. broken.Select(b => b.Text), "one moment, which a core holds: by one, a thread between two stores can leave them so too"],
                ["the requests themselves: virtap ring --core", "QEMU's log for \"size exceeded\" or \"moved used index\"", "what the threads did: gdb's thread apply all bt on the core"]);
        }

        if (queue.Guest is null)
        {
            return isVhost || queue.InUse is not > 0 ? Plain(VerdictKind.RingNotVisible, "QEMU worked on nothing; the ring is not in this core, so what waited there is not known.")
                : Plain(VerdictKind.Outstanding, $"QEMU worked on {Count(queue.InUse.Value, device)}: one moment does not tell whether they moved. The ring is not in this core.");
        }

        uint inFlight = isVhost ? 0 : queue.InUse ?? 0;
        int waiting = queue.Guest is { AvailIndex: { } avail } ? RingIndex.Distance(isVhost ? queue.Guest.UsedIndex!.Value : queue.LastAvailIndex, avail) : queue.Guest.NextIsAvailable == true ? 1 : 0;
        QueueRole role = QueueRole.Of(device.DeviceId, queue.Index ?? 0, device.Queues.Count);
        if (inFlight == 0 && waiting == 0)
            return Plain(VerdictKind.Idle, "Nothing to do.");
        if (!role.IsAnsweredPromptly)
            return Plain(VerdictKind.Idle, $"Buffers wait in the {role.Name} queue for something to happen, as they should.");
        string some = isVhost ? $"{Count((uint)waiting, device)} were offered and not given back"
            : string.Join(", and ", new[] { inFlight > 0 ? $"QEMU worked on {Count(inFlight, device)}" : "", waiting > 0 ? device.IsPacked ? "some waited to be taken" : $"{Count((uint)waiting, device)} waited to be taken" : "" }.Where(t => t.Length > 0));
        return Plain(VerdictKind.Outstanding, $"{some}: one moment does not tell whether they moved.");

        Verdict Plain(VerdictKind kind, string summary) => new(kind, Certainty.Certain, queue.Index, summary, [], []);
    }

    private static string Count(uint number, DeviceState device) => $"{number} {(device.IsPacked ? "descriptor" : "request")}{(number == 1 ? "" : "s")}";
}
