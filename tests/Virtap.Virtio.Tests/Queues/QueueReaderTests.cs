using System.Text.Json;
using Virtap.Virtio.Devices;
using Virtap.Virtio.Features;
using Virtap.Virtio.Queues;
using Virtap.Virtio.Tests.Support;

namespace Virtap.Virtio.Tests.Queues;

[Collection(GuestCollection.Name)]
public class QueueReaderTests(GuestFixture guest)
{
    private const string Load = "for d in vda vdb vdc; do dd if=/dev/$d of=/dev/null bs=64k count=300 iflag=direct 2>/dev/null; done";

    [Fact]
    public void Every_field_of_every_queue_of_a_guest_is_what_QEMU_says_of_it_itself()
    {
        Qemu qemu = guest.Qemu;
        qemu.Run(Load);
        qemu.Ask("stop");
        QemuProcess process = QemuProcess.Open(qemu.Process);

        int queues = 0;
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
                JsonElement truth = qemu.Ask("x-query-virtio-queue-status", $$"""{"path": "{{device.QomPath}}", "queue": {{queue.Index}}}""");
                Assert.Equal(truth.GetProperty("vring-num").GetUInt32(), queue.Number);
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

                queues++;
            }
        }

        Assert.True(queues > 10);
        qemu.Ask("cont");
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
        // A guest with one CPU sets up one of the two queues.
        Assert.Equal([true, false], split.Queues.Select(q => q.IsSetUp));
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

        DeviceState legacy = Read("plain0");
        Assert.False(legacy.HasEventIndex);
        Assert.False(VirtioFeature.Has(legacy.GuestFeatures, VirtioFeature.Version1));
        QueueState plain = Assert.Single(legacy.Queues);
        Assert.Equal(plain.UsedIndex, plain.Guest!.UsedIndex);
        Assert.Null(plain.Guest.Driver.Event);
        qemu.Ask("cont");
    }

    [Fact]
    public void A_device_that_is_gone_reads_as_nothing()
    {
        using Qemu qemu = Qemu.Start("-S", "-blockdev", "driver=null-co,node-name=backing0", "-device", "virtio-blk-pci,id=disk0,drive=backing0");
        QemuProcess process = QemuProcess.Open(qemu.Process);
        var reader = new QueueReader(process, process.FindDevices().Single());
        Assert.NotNull(reader.Read());

        qemu.Kill();

        Assert.Null(reader.Read());
    }

    // QMP names features in words: "VIRTIO_BLK_F_FLUSH: Flush command supported"; of transport, of the device, and those it has no name for.
    private static int NamesInQmp(JsonElement features) =>
        features.GetProperty("transports").GetArrayLength()
        + (features.TryGetProperty("dev-features", out JsonElement device) ? device.GetArrayLength() : 0)
        + (features.TryGetProperty("unknown-dev-features", out JsonElement unknown) ? System.Numerics.BitOperations.PopCount(unknown.GetUInt64()) : 0);
}
