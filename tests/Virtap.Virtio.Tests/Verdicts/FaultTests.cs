using Virtap.Virtio.Devices;
using Virtap.Virtio.Features;
using Virtap.Virtio.Findings;
using Virtap.Virtio.Queues;
using Virtap.Virtio.Tests.Support;
using Virtap.Virtio.Verdicts;
using Virtap.Watch.Diagnoses;

namespace Virtap.Virtio.Tests.Verdicts;

/// <summary>Faults that are made in a real guest, and what must not be taken for one.</summary>
[Collection(GuestCollection.Name)]
public class FaultTests(GuestFixture guest)
{
    [Fact]
    public void A_healthy_idle_machine_is_found_healthy()
    {
        foreach (VirtioDevice device in guest.Qemu.Devices())
        {
            Diagnosis diagnosis = guest.Diagnose(device.Id!);

            Assert.True(diagnosis.IsHealthy, Describe(diagnosis));
            Assert.All(diagnosis.Verdicts, v => Assert.Equal((VerdictKind.Idle, true), (v.Kind, v.Queue is not null)));
        }
    }

    [Fact]
    public void A_backend_that_stops_completing_is_recognised()
    {
        // The first request passes; the second waits for eight seconds.
        Limit(8192);
        try
        {
            guest.Qemu.Run("dd if=/dev/vdd of=/dev/null bs=64k count=2 iflag=direct 2>/dev/null & sleep 1");
            Verdict verdict = Judge("slow0");

            Assert.Equal((VerdictKind.BackendStuck, Certainty.Likely, 0), (verdict.Kind, verdict.Certainty, verdict.Queue));
            Assert.True(
                verdict.Reason is Stall { Count: > 0, IsFull: false, IsPacked: false, IsVhost: false,
                    Duration.TotalSeconds: >= 0.95 and < 1.95 });
        }
        finally
        {
            Limit(0);
        }

        guest.Qemu.Run("wait; dd if=/dev/vdd of=/dev/null bs=64k count=2 iflag=direct 2>/dev/null");
        Assert.True(guest.Diagnose("slow0").IsHealthy);
    }

    [Fact]
    public void A_kick_that_never_came_is_recognised()
    {
        WithAvailIndex("disk0", moved: 1, () =>
        {
            Verdict verdict = Judge("disk0");

            Assert.Equal((VerdictKind.LostKick, Certainty.Likely), (verdict.Kind, verdict.Certainty));
            Assert.Equal(new Backlog(1, 0, IsPacked: false), verdict.Reason);
            Assert.Contains(verdict.Evidence, e => e is UnreadKicks { Count: 0 });
        });
    }

    [Fact]
    public void A_corrupted_index_is_recognised()
    {
        WithAvailIndex("disk0", moved: 1000, () =>
        {
            Verdict verdict = Judge("disk0");

            Assert.Equal(VerdictKind.Corrupt, verdict.Kind);
            Assert.Contains(verdict.Evidence, e => e is AvailTooFarAhead { IsDrivers: true, Ahead: 1000 });
        });
    }

    [Fact]
    public void An_interrupt_that_the_driver_did_not_hear_is_a_candidate()
    {
        // As if the driver had stopped at an earlier completion: used_event stays there.
        GuestRing ring = guest.Read("disk0").Queues[0].Guest!;
        ulong usedEvent = ring.Avail + 4 + 2 * 128;
        guest.Qemu.Write(usedEvent, (ushort)(ring.UsedIndex!.Value - 3));
        try
        {
            Verdict verdict = Judge("disk0");

            Assert.Equal((VerdictKind.LostInterrupt, Certainty.Candidate), (verdict.Kind, verdict.Certainty));
            Assert.Equal(new Unnoticed(3), verdict.Reason);
        }
        finally
        {
            guest.Qemu.Write(usedEvent, ring.UsedIndex.Value);
        }
    }

    [Fact]
    public void A_paused_machine_is_said_to_be_paused_and_nothing_worse()
    {
        guest.Qemu.Ask("stop");
        Diagnosis diagnosis = guest.Diagnose("disk0");
        guest.Qemu.Ask("cont");

        Assert.Equal((VerdictKind.Paused, Certainty.Certain), (diagnosis.Verdicts[0].Kind, diagnosis.Verdicts[0].Certainty));
        Assert.All(diagnosis.Verdicts.Skip(1), v => Assert.Equal(VerdictKind.Idle, v.Kind));
        Assert.False(diagnosis.IsHealthy, Describe(diagnosis));
    }

    [Fact]
    public void A_device_whose_driver_was_unloaded_is_not_driven()
    {
        guest.Qemu.Run(
            "d=$(basename $(readlink -f /sys/block/vdc/device)); echo $d > /sys/bus/virtio/drivers/virtio_blk/unbind; echo $d > "
                + "/tmp/unbound");
        Diagnosis diagnosis = guest.Diagnose("plain0");
        guest.Qemu.Run("cat /tmp/unbound > /sys/bus/virtio/drivers/virtio_blk/bind");

        Assert.Equal(VerdictKind.NotDriven, diagnosis.Verdicts[0].Kind);
        Assert.True(diagnosis.IsHealthy, Describe(diagnosis));
    }

    [Fact]
    public void A_device_whose_driver_was_removed_is_not_driven_and_drives_again_when_it_is_back()
    {
        guest.Qemu.Run("rmmod virtio_balloon");
        Diagnosis without = guest.Diagnose("balloon0");
        guest.Qemu.Run("modprobe virtio_balloon");
        Diagnosis with = guest.Diagnose("balloon0");

        Verdict verdict = Assert.Single(without.Verdicts);
        Assert.Equal((VerdictKind.NotDriven, Certainty.Certain), (verdict.Kind, verdict.Certainty));
        Assert.Equal([new StatusSeen(DeviceStatus.Acknowledge, Lacking: DeviceStatus.DriverOk)], verdict.Evidence);
        Assert.True(without.IsHealthy);
        Assert.All(with.Verdicts, v => Assert.Equal(VerdictKind.Idle, v.Kind));
    }

    // Hundreds of buffers wait, some indices have never moved, others are old: nothing of it is a fault.
    [Fact]
    public void Queues_that_only_look_stuck_are_idle()
    {
        Diagnosis network = guest.Diagnose("nic0"), events = guest.Diagnose("scsi0"), withoutEvents = guest.Diagnose("noevent0");
        QueueState receive = network.Last!.Queues[0], flags = withoutEvents.Last!.Queues[0];

        Assert.True((ushort)(receive.Guest!.AvailIndex!.Value - receive.LastAvailIndex) > 100);
        Assert.Equal(new BuffersInAdvance("receive", IsStill: true), network.Verdicts.Single(v => v.Queue == 0).Reason);
        Assert.Equal(new BuffersInAdvance("events", IsStill: true), events.Verdicts.Single(v => v.Queue == 1).Reason);
        // Without event_idx QEMU does not keep it.
        Assert.NotEqual(flags.UsedIndex, flags.SignalledUsed);
        Assert.All((Diagnosis[])[network, events, withoutEvents], d => Assert.All(d.Verdicts, v => Assert.Equal(VerdictKind.Idle, v.Kind)));
    }

    private Verdict Judge(string id)
    {
        Diagnosis diagnosis = guest.Diagnose(id);
        return Assert.Single(diagnosis.Verdicts, v => v.IsFault);
    }

    private void Limit(int bytesPerSecond) => guest.Qemu.Ask("qom-set",
        $$"""{"path": "/objects/throttle0", "property": "limits", "value": {"bps-total": {{bytesPerSecond}} } }""");

    private void WithAvailIndex(string id, int moved, Action action)
    {
        GuestRing ring = guest.Read(id).Queues[0].Guest!;
        guest.Qemu.Write(ring.Avail + 2, (ushort)(ring.AvailIndex!.Value + moved));
        try
        {
            action();
        }
        finally
        {
            guest.Qemu.Write(ring.Avail + 2, ring.AvailIndex.Value);
        }
    }

    internal static string Describe(Diagnosis diagnosis) =>
        string.Join('\n', diagnosis.Verdicts.Select(v => $"{v.Kind} {v.Queue} {v.Reason} {string.Join("; ", v.Evidence)}"));
}
