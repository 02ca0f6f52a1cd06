using System.Runtime.InteropServices;
using Virtap.Virtio.Devices;
using Virtap.Virtio.Queues;
using Virtap.Virtio.Tests.Support;
using Virtap.Virtio.Verdicts;

namespace Virtap.Virtio.Tests.Verdicts;

/// <summary>Faults that are made in a real guest, and what must not be taken for one.</summary>
[Collection(GuestCollection.Name)]
public class FaultTests(GuestFixture guest)
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(1.2);

    private QemuProcess Process => QemuProcess.Open(guest.Qemu.Process);

    [Fact]
    public void A_healthy_idle_machine_is_found_healthy()
    {
        foreach (VirtioDevice device in Process.FindDevices())
        {
            Diagnosis diagnosis = Diagnosis.Run(Process, device, s_limit);

            Assert.True(diagnosis.IsHealthy, Describe(diagnosis));
            Assert.All(diagnosis.Verdicts.Where(v => v.Queue is not null), v => Assert.Equal(VerdictKind.Idle, v.Kind));
        }
    }

    [Theory]
    [InlineData("disk0", "vda")]
    [InlineData("packed0", "vdb")]
    [InlineData("plain0", "vdc")]
    public void A_thousand_looks_at_a_busy_disk_find_no_fault(string id, string name)
    {
        guest.Qemu.Begin($"dd if=/dev/{name} of=/dev/null bs=4k count=20000 iflag=direct 2>/dev/null");
        QemuProcess qemu = Process;
        var reader = new QueueReader(qemu, qemu.FindDevices().Single(d => d.Id == id));
        var looks = new List<DeviceState>();
        for (int n = 0; n < 1000; n++)
        {
            looks.Add(reader.Read()!);
            Thread.Sleep(1);
        }

        for (int n = 0; n + 8 <= looks.Count; n += 4)
        {
            IReadOnlyList<Verdict> verdicts = DeviceJudge.Judge(looks[n..(n + 8)], _ => null);
            Assert.DoesNotContain(verdicts, v => v.IsFault && v.Certainty != Certainty.Candidate);
        }

        // Over the time that Diagnosis takes there is not even a candidate.
        Assert.DoesNotContain(DeviceJudge.Judge(looks, _ => null), v => v.IsFault);
        Assert.True(looks[^1].Queues[0].UsedIndex != looks[0].Queues[0].UsedIndex);
        guest.Qemu.Finish();
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
            Assert.Matches("^QEMU has taken [0-9]+ requests?, and none has come back for 1", verdict.Summary);
        }
        finally
        {
            Limit(0);
        }

        guest.Qemu.Run("wait; dd if=/dev/vdd of=/dev/null bs=64k count=2 iflag=direct 2>/dev/null");
        Assert.True(Diagnosis.Run(Process, Device("slow0"), s_limit).IsHealthy);
    }

    [Fact]
    public void A_kick_that_never_came_is_recognised()
    {
        WithAvailIndex("disk0", moved: 1, () =>
        {
            Verdict verdict = Judge("disk0");

            Assert.Equal((VerdictKind.LostKick, Certainty.Likely), (verdict.Kind, verdict.Certainty));
            Assert.StartsWith("1 request waits in the ring", verdict.Summary, StringComparison.Ordinal);
            Assert.Contains(verdict.Evidence, e => e.Contains("holds no kick", StringComparison.Ordinal));
        });
    }

    [Fact]
    public void A_corrupted_index_is_recognised()
    {
        WithAvailIndex("disk0", moved: 1000, () =>
        {
            Verdict verdict = Judge("disk0");

            Assert.Equal(VerdictKind.Corrupt, verdict.Kind);
            Assert.Contains(verdict.Evidence, e => e.Contains("1000 ahead of last_avail_idx", StringComparison.Ordinal));
        });
    }

    [Fact]
    public void An_interrupt_that_the_driver_did_not_hear_is_a_candidate()
    {
        // As if the driver had stopped at an earlier completion: used_event stays there.
        GuestRing ring = new QueueReader(Process, Device("disk0")).Read()!.Queues[0].Guest!;
        ulong usedEvent = ring.Avail + 4 + 2 * 128;
        Write(usedEvent, (ushort)(ring.UsedIndex!.Value - 3));
        try
        {
            Verdict verdict = Judge("disk0");

            Assert.Equal((VerdictKind.LostInterrupt, Certainty.Candidate), (verdict.Kind, verdict.Certainty));
            Assert.Contains("3 completions", verdict.Summary, StringComparison.Ordinal);
        }
        finally
        {
            Write(usedEvent, ring.UsedIndex.Value);
        }
    }

    [Fact]
    public void A_paused_machine_is_said_to_be_paused_and_nothing_worse()
    {
        guest.Qemu.Ask("stop");
        Diagnosis diagnosis = Diagnosis.Run(Process, Device("disk0"), s_limit);
        guest.Qemu.Ask("cont");

        Assert.Equal(VerdictKind.Paused, diagnosis.Verdicts[0].Kind);
        Assert.True(diagnosis.IsHealthy, Describe(diagnosis));
    }

    [Fact]
    public void A_device_whose_driver_was_unloaded_is_not_driven()
    {
        guest.Qemu.Run("d=$(basename $(readlink -f /sys/block/vdc/device)); echo $d > /sys/bus/virtio/drivers/virtio_blk/unbind; echo $d > /tmp/unbound");
        Diagnosis diagnosis = Diagnosis.Run(Process, Device("plain0"), s_limit);
        guest.Qemu.Run("cat /tmp/unbound > /sys/bus/virtio/drivers/virtio_blk/bind");

        Assert.Equal(VerdictKind.NotDriven, diagnosis.Verdicts[0].Kind);
        Assert.True(diagnosis.IsHealthy, Describe(diagnosis));
    }

    private VirtioDevice Device(string id) => Process.FindDevices().Single(d => d.Id == id);

    private Verdict Judge(string id)
    {
        Diagnosis diagnosis = Diagnosis.Run(Process, Device(id), s_limit);
        return Assert.Single(diagnosis.Verdicts, v => v.IsFault);
    }

    private void Limit(int bytesPerSecond) => guest.Qemu.Ask("qom-set",
        $$"""{"path": "/objects/throttle0", "property": "limits", "value": {"bps-total": {{bytesPerSecond}} } }""");

    private void WithAvailIndex(string id, int moved, Action action)
    {
        GuestRing ring = new QueueReader(Process, Device(id)).Read()!.Queues[0].Guest!;
        Write(ring.Avail + 2, (ushort)(ring.AvailIndex!.Value + moved));
        try
        {
            action();
        }
        finally
        {
            Write(ring.Avail + 2, ring.AvailIndex.Value);
        }
    }

    private void Write(ulong address, ushort value)
    {
        using FileStream memory = new($"/proc/{guest.Qemu.Id}/mem", FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite, bufferSize: 0);
        memory.Seek((long)address, SeekOrigin.Begin);
        memory.Write(MemoryMarshal.AsBytes(new ReadOnlySpan<ushort>(in value)));
    }

    private static string Describe(Diagnosis diagnosis) => string.Join('\n', diagnosis.Verdicts.Select(v => $"{v.Kind} {v.Queue} {v.Summary} {string.Join("; ", v.Evidence)}"));
}
