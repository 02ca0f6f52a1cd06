using Virtap.Virtio.Findings;
using Virtap.Virtio.Queues;
using Virtap.Virtio.Tests.Support;
using Virtap.Virtio.Verdicts;
using Virtap.Watch.Diagnoses;

namespace Virtap.Virtio.Tests.Verdicts;

/// <summary>
/// What a guest does not recover from: rings that somebody else wrote to, a store that never answers. It has a guest of its own for that.
/// </summary>
public sealed class BrokenDeviceTests(BrokenDeviceTests.DoomedGuest guest) : IClassFixture<BrokenDeviceTests.DoomedGuest>
{
    [Fact]
    public void An_avail_index_that_was_overwritten_is_corrupt_and_breaks_the_device_when_QEMU_sees_it()
    {
        guest.Qemu.Ask("stop");
        GuestRing ring = guest.Qemu.Read("avail0").Queues[0].Guest!;
        guest.Qemu.Write(ring.Avail + 2, (ushort)(ring.AvailIndex!.Value + 1000));
        Diagnosis paused = guest.Qemu.Diagnose("avail0");
        // QEMU kicks every queue itself when it goes on.
        guest.Qemu.Ask("cont");
        Diagnosis broken = guest.Qemu.Diagnose("avail0");

        Assert.Equal([VerdictKind.Paused, VerdictKind.Corrupt], paused.Verdicts.Select(v => v.Kind));
        Assert.Contains(paused.Verdicts[1].Evidence, e => e is AvailTooFarAhead { IsDrivers: true, Ahead: 1000 });
        Assert.Equal([VerdictKind.DeviceBroken, VerdictKind.NeedsReset], broken.Verdicts.Where(v => v.Queue is null).Select(v => v.Kind));
        Assert.All(broken.Verdicts.Where(v => v.Queue is null), v => Assert.Equal(Certainty.Certain, v.Certainty));
    }

    [Fact]
    public void A_used_index_that_was_overwritten_is_corrupt()
    {
        guest.Qemu.Ask("stop");
        GuestRing ring = guest.Qemu.Read("used0").Queues[0].Guest!;
        guest.Qemu.Write(ring.Used + 2, (ushort)(ring.UsedIndex!.Value - 3));
        Diagnosis paused = guest.Qemu.Diagnose("used0");
        guest.Qemu.Ask("cont");
        Diagnosis running = guest.Qemu.Diagnose("used0");

        Assert.Equal([VerdictKind.Paused, VerdictKind.Corrupt], paused.Verdicts.Select(v => v.Kind));
        Verdict verdict = Assert.Single(running.Verdicts);
        Assert.Equal((VerdictKind.Corrupt, Certainty.Likely, 0), (verdict.Kind, verdict.Certainty, verdict.Queue));
        Assert.Contains(new UsedIndexDiffers((ushort)(ring.UsedIndex.Value - 3), ring.UsedIndex.Value), verdict.Evidence);
    }

    // Its driver reads the partition table, and waits for it for a hundred seconds. QEMU would read it too, if it had to guess the disk's
    // geometry.
    [Fact]
    public void A_store_with_a_long_latency_is_a_backend_that_is_stuck()
    {
        guest.Qemu.Ask("blockdev-add", """{"driver": "null-co", "node-name": "late", "size": 1073741824, "latency-ns": 100000000000}""");
        guest.Qemu.Ask(
            "device_add",
            """{"driver": "virtio-blk-pci", "id": "late0", "drive": "late", "num-queues": "1", "cyls": 1024, "heads": 16, "secs": 63}""");
        Assert.True(SpinWait.SpinUntil(() => guest.Qemu.Read("late0").Queues[0].InUse > 0, TimeSpan.FromSeconds(60)));

        Verdict verdict = Assert.Single(guest.Qemu.Diagnose("late0").Verdicts);

        Assert.Equal((VerdictKind.BackendStuck, Certainty.Likely, 0), (verdict.Kind, verdict.Certainty, verdict.Queue));
        Assert.True(verdict.Reason is Stall { Count: 1, IsFull: false, IsPacked: false, IsVhost: false, Duration.TotalSeconds: > 1 });
        ThreadSeen thread = Assert.Single(verdict.Evidence.OfType<ThreadSeen>());
        Assert.Equal((null, guest.Qemu.Id), (thread.IoThread, thread.Id));
        Assert.True(thread.Doing[0] is { Activity: ThreadActivity.EventLoop, WaitsIn.Count: > 0 });
    }

    public sealed class DoomedGuest : IDisposable
    {
        public Qemu Qemu { get; } = Qemu.Boot(
            "-blockdev", "driver=null-co,node-name=backing0,size=1073741824", "-blockdev",
            "driver=null-co,node-name=backing1,size=1073741824",
            "-device", "virtio-blk-pci,id=avail0,drive=backing0,num-queues=1", "-device",
            "virtio-blk-pci,id=used0,drive=backing1,num-queues=1");

        public void Dispose() => Qemu.Dispose();
    }
}
