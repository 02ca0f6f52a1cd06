using Virtap.Virtio.Devices;
using Virtap.Virtio.Findings;
using Virtap.Virtio.Queues;

namespace Virtap.Virtio.Verdicts;

/// <summary>Judges a device that a process outside of QEMU ought to serve, and none does.</summary>
internal static class LostBackend
{
    /// <summary>The verdict; null where QEMU is connected to a backend, or the device has none.</summary>
    public static Verdict? Judge(DeviceState device, VhostUserBackend? backend)
    {
        if (backend is not { IsGone: true })
            return null;
        var socket = new BackendSocket(backend);
        return new Verdict(VerdictKind.BackendGone, Certainty.Certain, Subject.Device, socket, [socket, .. Evidence(device, backend)],
            [AdviceKind.WhyBackendEnded, backend.IsAwaited ? AdviceKind.StartBackendThatConnects : AdviceKind.StartBackendThatListens]);
    }

    private static IEnumerable<Observation> Evidence(DeviceState device, VhostUserBackend backend)
    {
        if (backend is { Path: { } path, IsListening: { } isListening, IsAwaited: false })
            yield return new SocketListens(path, isListening);
        foreach (QueueState queue in device.Queues)
        {
            if (queue is not { Index: { } index, Guest: { AvailIndex: { } avail, UsedIndex: { } used } })
                continue;
            int count = RingIndex.Distance(used, avail);
            if (count > 0 && QueueRole.Of(device.DeviceId, index, device.Queues.Count).IsAnsweredPromptly)
                yield return new RequestsWaiting(index, avail, used, count);
        }
    }
}
