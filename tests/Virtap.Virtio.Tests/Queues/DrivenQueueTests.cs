using Virtap.Processes;
using Virtap.Qtest;
using Virtap.Virtio.Devices;
using Virtap.Virtio.Queues;
using Virtap.Virtio.Rings;
using Virtap.Virtio.Tests.Support;

namespace Virtap.Virtio.Tests.Queues;

/// <summary>Queues whose driver is the test's own: what is read of them is what the driver has done.</summary>
public class DrivenQueueTests
{
    // A modern interface does not show them: notify_on_empty, any_layout, bad_feature.
    private const ulong LegacyFeatures = (1 << 24) | (1 << 27) | (1 << 30);

    private static readonly string[] s_disk = ["-blockdev", "driver=null-co,node-name=backing0,size=1073741824"];

    [Theory]
    [InlineData("pc", DriverFeatures.None)]
    [InlineData("pc", DriverFeatures.EventIndex | DriverFeatures.IndirectDescriptors)]
    [InlineData("pc", DriverFeatures.Packed)]
    [InlineData("q35", DriverFeatures.EventIndex | DriverFeatures.Packed | DriverFeatures.IndirectDescriptors)]
    public void A_disk_on_PCI_is_as_its_driver_left_it(string machine, DriverFeatures features)
    {
        Assert.SkipUnless(File.Exists(Qemu.Program), "no QEMU is installed");
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "reading another process takes root");
        using QtestMachine qemu = QtestMachine.StartPc(new RunnableQemu("", Qemu.Program),
            ["-M", machine, "-object", "iothread,id=iothread0", .. s_disk,
                "-device", "virtio-blk-pci,id=disk0,drive=backing0,iothread=iothread0,packed=on,addr=5"]);

        Check(qemu, new PciTransport(PciBus.OfPc(qemu.Qtest), 5), features);
    }

    [Theory]
    [InlineData("virtio-blk-device", DriverFeatures.EventIndex)]
    [InlineData("virtio-blk-device,packed=on", DriverFeatures.Packed)]
    [InlineData("virtio-blk-pci,addr=2,iothread=iothread0", DriverFeatures.EventIndex)]
    public void A_disk_of_an_aarch64_machine_is_as_its_driver_left_it(string device, DriverFeatures features)
    {
        string? program = Repository.Find(Path.Combine("out", "qemu", "qemu-system-aarch64"));
        Assert.SkipWhen(program is null, "there is no out/qemu/qemu-system-aarch64: run scripts/other-qemus");
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "reading another process takes root");
        using QtestMachine qemu = QtestMachine.StartVirt(new RunnableQemu("", program),
            ["-object", "iothread,id=iothread0", .. s_disk, "-device", device + ",id=disk0,drive=backing0"]);

        Check(
            qemu, device.Contains("pci", StringComparison.Ordinal) ? new PciTransport(PciBus.OfVirt(qemu.Qtest), 2)
                : MmioTransport.OfVirt(qemu.Qtest).Single(), features);
    }

    private static void Check(QtestMachine qemu, VirtioTransport transport, DriverFeatures features)
    {
        Assert.Equal(2, transport.DeviceId);
        VirtioDriver driver = VirtioDriver.Begin(transport, qemu.Ram, features);
        DrivenQueue queue = driver.AddQueue(0, 64);
        driver.Ready();
        // More than the ring has entries; at the end two are put and not told of.
        bool indirect = driver.Has(DriverFeatures.IndirectDescriptors);
        for (int n = 0; n < 37; n++)
        {
            DrivenRequest request = queue.Submit(DeviceRequests.BlockRead(qemu.Ram, (ulong)(8 * n), 8), indirect);
            Assert.Equal([request], queue.TakeAll(1));
            Assert.Equal(0, DeviceRequests.BlockStatus(qemu.Ram, request));
        }

        queue.WantInterrupt();
        DrivenRequest[] waiting =
            [.. Enumerable.Range(0, 2).Select(n => queue.Put(DeviceRequests.BlockWrite(qemu.Ram, (ulong)n), indirect))];
        Assert.Equal(1u, transport.TakeInterruptStatus() & 1);
        queue.Publish();
        qemu.Qtest.Flush();

        var process = QemuProcess.Open(LiveProcess.Find(qemu.Id)!);
        VirtioDevice device = process.FindDevices().Single();
        RingContents ring = new RingReader(process, device, 0).Read(TimeSpan.Zero)!;
        QueueState state = ring.Queue;

        Assert.Equal((driver.Features, driver.Offered), (ring.Device.GuestFeatures, ring.Device.HostFeatures & ~LegacyFeatures));
        Assert.Equal((64u, 0u), (state.Number, state.InUse));
        Assert.Equal((queue.Descriptors, queue.DriverArea, queue.DeviceArea), (state.Descriptors, state.Avail, state.Used));
        Assert.Equal((queue.UsedIndex, queue.UsedIndex), (state.UsedIndex, state.LastAvailIndex));
        // A driver without event_idx has no such index.
        Assert.Equal(queue.UsedEvent, ring.Device.HasEventIndex ? state.Guest!.Driver.Event : null);
        if (driver.Has(DriverFeatures.Packed))
            Assert.Equal((true, queue.UsedWrap, queue.UsedWrap), (state.Guest!.NextIsAvailable, state.UsedWrap, state.LastAvailWrap));
        else
            Assert.Equal((queue.AvailIndex, queue.UsedIndex), (state.Guest!.AvailIndex, state.Guest.UsedIndex));
        Assert.Equal(waiting.Select(r => (int)r.Id), ring.Waiting.Select(r => r.Head));
        Assert.Equal(
            waiting.SelectMany(r => r.Buffers), ring.Waiting.SelectMany(
                r => r.Descriptors.Where(d => !d.IsTable).Select(d => new GuestBuffer(d.Address, d.Length, d.IsWritten))));

        queue.Kick();
        Assert.Equal(waiting, queue.TakeAll(2));
        Assert.Empty(new RingReader(process, device, 0).Read(TimeSpan.Zero)!.Waiting);
    }
}
