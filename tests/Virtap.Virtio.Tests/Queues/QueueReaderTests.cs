using System.Text.Json;
using Virtap.Virtio.Devices;
using Virtap.Virtio.Features;
using Virtap.Virtio.Queues;
using Virtap.Virtio.Tests.Support;

namespace Virtap.Virtio.Tests.Queues;

[Collection(GuestCollection.Name)]
public class QueueReaderTests(GuestFixture guest)
{
    /// <summary>VIRTIO_F_VERSION_1: the driver is not of the time before the specification.</summary>
    private const int Version1 = 32;

    // Something for every device to do; on both CPUs, so that both queues of disk0 have their part.
    private const string Load =
        "for d in vda vdb vdc vde vdf sda; do for c in 1 2; do "
        + "taskset $c dd if=/dev/$d of=/dev/null bs=64k count=150 iflag=direct 2>/dev/null; done; done; "
        + "head -c 256 /dev/hwrng >/dev/null; for n in 1 2 3 4; do echo $n >/dev/vport*p1; done; ping -c 3 -i 0.1 10.0.2.2 >/dev/null";

    private static int Forward(ushort from, ushort to) => (ushort)(to - from);

    [Fact]
    public void Every_field_of_every_queue_of_a_guest_is_what_QEMU_says_of_it_itself()
    {
        Qemu qemu = guest.Qemu;
        qemu.Run(Load);
        qemu.Ask("stop");
        QemuProcess process = QemuProcess.Open(qemu.Process);

        var setUp = new List<string>();
        foreach (VirtioDevice device in process.FindDevices())
        {
            DeviceState state = new QueueReader(process, device).Read()!;
            JsonElement status = qemu.Ask("x-query-virtio-status", $$"""{"path": "{{device.QomPath}}"}""");
            Assert.Equal(status.GetProperty("broken").GetBoolean(), state.Broken);
            Assert.Equal(status.GetProperty("vm-running").GetBoolean(), state.VmRunning);
            Assert.Equal(status.GetProperty("device-id").GetInt32(), state.DeviceId);
            Assert.Equal(status.GetProperty("vhost-started").GetBoolean(), state.VhostStarted);
            Assert.Equal(status.GetProperty("num-vqs").GetInt32(), state.Queues.Count);
            Assert.Equal(
                status.GetProperty("status").GetProperty("statuses").GetArrayLength(),
                System.Numerics.BitOperations.PopCount((uint)state.Status!));
            Assert.Equal(NamesInQmp(status.GetProperty("guest-features")), state.GuestFeatureNames.Count);
            Assert.Equal(NamesInQmp(status.GetProperty("host-features")), state.HostFeatureNames.Count);
            Assert.DoesNotContain(state.HostFeatureNames, n => n.StartsWith("bit_", StringComparison.Ordinal));

            foreach (QueueState queue in state.Queues)
            {
                JsonElement truth = qemu.Ask(
                    "x-query-virtio-queue-status", $$"""{"path": "{{device.QomPath}}", "queue": {{queue.Index}}}""");
                Assert.Equal(truth.GetProperty("name").GetString(), device.Kind);
                Assert.Equal(truth.GetProperty("vring-num").GetUInt32(), queue.Number);
                Assert.Equal(truth.GetProperty("vring-num-default").GetUInt32(), queue.DefaultNumber);
                Assert.Equal(truth.GetProperty("vring-desc").GetUInt64(), queue.Descriptors);
                Assert.Equal(truth.GetProperty("vring-avail").GetUInt64(), queue.Avail);
                Assert.Equal(truth.GetProperty("vring-used").GetUInt64(), queue.Used);
                Assert.Equal(truth.GetProperty("inuse").GetUInt32(), queue.InUse);
                Assert.Equal(truth.GetProperty("used-idx").GetUInt16(), queue.UsedIndex);
                Assert.Equal(truth.GetProperty("signalled-used").GetUInt16(), queue.SignalledUsed);
                Assert.Equal(truth.GetProperty("signalled-used-valid").GetBoolean(), queue.SignalledUsedValid);
                if (truth.TryGetProperty("last-avail-idx", out JsonElement lastAvail))
                {
                    Assert.Equal(lastAvail.GetUInt16(), queue.LastAvailIndex);
                    Assert.Equal(truth.GetProperty("shadow-avail-idx").GetUInt16(), queue.ShadowAvailIndex);
                }

                if (!queue.IsSetUp)
                    continue;
                setUp.Add($"{device.Name}/{queue.Index}");
                // There is x-query-virtio-queue-element to compare with, but it takes what it finds in a free descriptor for the driver's
                // doing and may break the device.
                Assert.NotNull(queue.Guest);
                Assert.Equal(state.IsPacked ? null : queue.UsedIndex, queue.Guest.UsedIndex);
            }
        }

        // Every queue that the drivers of this guest are known to set up.
        Assert.Superset(
            new HashSet<string>
            {
                "disk0/0", "disk0/1", "packed0/0", "plain0/0", "slow0/0", "noevent0/0", "packed1/0", "packed1/1", "scsi0/0", "scsi0/1",
                "scsi0/2", "nic0/0", "nic0/1", "random0/0", "serial0/0", "serial0/1",
            },
            setUp.ToHashSet());
        qemu.Ask("cont");
    }

    // QEMU is asked before and after each look: what was seen lies in between.
    [Theory]
    [InlineData("disk0", "vda")]
    [InlineData("plain0", "vdc")]
    [InlineData("noevent0", "vde")]
    [InlineData("scsi0", "sda")]
    public void The_indices_of_a_busy_queue_move_as_QEMU_says(string id, string name)
    {
        Qemu qemu = guest.Qemu;
        var (process, device) = guest.Find(id);
        var reader = new QueueReader(process, device);
        int index = reader.Read()!.Queues.Count - 1;
        while (reader.Read()!.Queues[index] is { IsSetUp: false })
            index--;
        // The guest's second CPU has the last queue.
        qemu.Run(
            $"taskset 2 fio --name=test --filename=/dev/{name} --direct=1 --rw=randread --bs=4k --ioengine=libaio --iodepth=16 "
                + "--time_based --runtime=300 >/dev/null 2>&1 &");
        int moved = 0;
        ushort last = reader.Read()!.Queues[index].UsedIndex;
        bool hasMoved = SpinWait.SpinUntil(() =>
        {
            JsonElement before = Ask();
            QueueState queue = reader.Read()!.Queues[index];
            JsonElement after = Ask();

            Between(before, queue.UsedIndex, after, "used-idx");
            Between(before, queue.LastAvailIndex, after, "last-avail-idx");
            // fio has no more on their way, taken or not.
            Assert.InRange(queue.InUse!.Value, 0u, 16u);
            ushort first = before.GetProperty("last-avail-idx").GetUInt16();
            Assert.InRange(
                Forward(first, queue.Guest!.AvailIndex!.Value), 0, Forward(first, after.GetProperty("last-avail-idx").GetUInt16()) + 16);
            moved += queue.UsedIndex == last ? 0 : 1;
            last = queue.UsedIndex;
            return moved >= 100;
        }, TimeSpan.FromSeconds(60));
        qemu.Run("killall fio; while killall -0 fio 2>/dev/null; do sleep 0.1; done");
        Assert.True(hasMoved, $"moved {moved} times");

        JsonElement Ask() => qemu.Ask("x-query-virtio-queue-status", $$"""{"path": "{{device.QomPath}}", "queue": {{index}}}""");

        static void Between(JsonElement before, ushort seen, JsonElement after, string field)
        {
            ushort from = before.GetProperty(field).GetUInt16(), to = after.GetProperty(field).GetUInt16();
            Assert.InRange(Forward(from, seen), 0, Forward(from, to));
        }
    }

    [Fact]
    public void The_rings_in_guest_memory_are_seen_from_both_sides()
    {
        Qemu qemu = guest.Qemu;
        qemu.Run(Load);
        qemu.Ask("stop");
        QemuProcess process = QemuProcess.Open(qemu.Process);
        IReadOnlyList<VirtioDevice> devices = process.FindDevices();
        DeviceState Read(string id) => new QueueReader(process, devices.Single(d => d.Id == id)).Read()!;

        // Idle, and everything is done: all agree about how far they have come.
        DeviceState split = Read("disk0");
        Assert.True(split.HasEventIndex);
        Assert.False(split.IsPacked);
        Assert.Equal(DeviceStatus.Acknowledge | DeviceStatus.Driver | DeviceStatus.FeaturesOk | DeviceStatus.DriverOk, split.Status);
        Assert.True(split.Queues.Sum(q => q.UsedIndex) >= 300);
        // A guest with two CPUs sets up two of the three queues.
        Assert.Equal([true, true, false], split.Queues.Select(q => q.IsSetUp));
        foreach (QueueState queue in split.Queues.Where(q => q.IsSetUp))
        {
            Assert.Equal(queue.UsedIndex, queue.Guest!.UsedIndex);
            Assert.Equal(queue.LastAvailIndex, queue.Guest.AvailIndex);
            // A driver that has consumed everything asks to hear of the next completion.
            Assert.Equal(queue.UsedIndex, queue.Guest.Driver.Event);
            // An idle device wants a kick for the next request, and says so.
            Assert.Equal(queue.Guest.AvailIndex, queue.Guest.Device.Event);
        }

        DeviceState packed = Read("packed0");
        Assert.True(packed.IsPacked);
        QueueState only = Assert.Single(packed.Queues);
        Assert.False(only.Guest!.NextIsAvailable);
        Assert.NotNull(only.LastAvailWrap);

        DeviceState modern = Read("noevent0");
        Assert.False(modern.HasEventIndex);
        Assert.True(VirtioFeature.Has(modern.GuestFeatures, Version1));
        Assert.Null(Assert.Single(modern.Queues).Guest!.Driver.Event);

        DeviceState packedWithout = Read("packed1");
        Assert.True(packedWithout.IsPacked);
        Assert.False(packedWithout.HasEventIndex);
        // Always, or never; not at a descriptor.
        Assert.All(packedWithout.Queues, q => Assert.InRange(q.Guest!.Device.Flags, 0, 1));

        DeviceState legacy = Read("plain0");
        Assert.False(legacy.HasEventIndex);
        Assert.False(VirtioFeature.Has(legacy.GuestFeatures, Version1));
        QueueState plain = Assert.Single(legacy.Queues);
        Assert.Equal(plain.UsedIndex, plain.Guest!.UsedIndex);
        Assert.Null(plain.Guest.Driver.Event);
        qemu.Ask("cont");
    }

    [Fact]
    public void A_device_that_is_gone_reads_as_nothing()
    {
        using Qemu qemu = Qemu.Start(
            "-S", "-blockdev", "driver=null-co,node-name=backing0", "-device", "virtio-blk-pci,id=disk0,drive=backing0");
        QemuProcess process = QemuProcess.Open(qemu.Process);
        var reader = new QueueReader(process, process.FindDevices().Single());
        Assert.NotNull(reader.Read());

        qemu.Kill();

        Assert.Null(reader.Read());
    }

    // QMP names features in words: "VIRTIO_BLK_F_FLUSH: Flush command supported"; of transport, of the device, and those it has no name
    // for.
    private static int NamesInQmp(JsonElement features) =>
        features.GetProperty("transports").GetArrayLength()
        + (features.TryGetProperty("dev-features", out JsonElement device) ? device.GetArrayLength() : 0)
        + (
            features.TryGetProperty("unknown-dev-features", out JsonElement unknown)
            ? System.Numerics.BitOperations.PopCount(unknown.GetUInt64()) : 0);
}
