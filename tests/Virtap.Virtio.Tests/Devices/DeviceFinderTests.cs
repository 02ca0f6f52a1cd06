using System.Text.Json;
using Virtap.Processes;
using Virtap.Virtio.Devices;
using Virtap.Virtio.Tests.Support;

namespace Virtap.Virtio.Tests.Devices;

public class DeviceFinderTests(SharedQemu shared) : IClassFixture<SharedQemu>
{
    [Fact]
    public void Every_device_that_QEMU_knows_of_is_found_with_its_path_and_name()
    {
        JsonElement truth = shared.Qemu.Ask("x-query-virtio");

        IReadOnlyList<VirtioDevice> devices = shared.Qemu.Devices();

        Assert.Equal(
            truth.EnumerateArray().Select(d => (d.GetProperty("path").GetString(), d.GetProperty("name").GetString())).Order(),
            devices.Select(d => ((string?)d.QomPath, (string?)d.Kind)).Order());
    }

    [Fact]
    public void A_device_is_described()
    {
        VirtioDevice disk = shared.Qemu.Devices().Single(d => d.Id == "disk0");

        Assert.Equal("virtio-blk", disk.Kind);
        Assert.Equal("virtio-blk-device", disk.Type);
        Assert.Equal("virtio-blk-pci", disk.TransportType);
        Assert.Equal("/machine/peripheral/disk0/virtio-backend", disk.QomPath);
        Assert.Equal(4, disk.QueueCount);
        Assert.Equal("disk0", disk.Name);
        Assert.Equal("device[0]", shared.Qemu.Devices().Single(d => d.Kind == "virtio-blk" && d.Id is null).Name);
    }

    [Fact]
    public void A_search_of_the_memory_finds_the_same_devices()
    {
        QemuProcess qemu = QemuProcess.Open(shared.Qemu.Process);

        Assert.Equal(qemu.FindDevices().Select(d => d.Address).Order(), DeviceScan.Find(qemu).Order());
    }

    [Fact]
    public void A_device_on_a_bus_of_its_own_has_no_transport_that_carries_it()
    {
        using Qemu qemu = Qemu.Start(
            "-M", "microvm", "-S", "-blockdev", "driver=null-co,node-name=backing0", "-device",
            "virtio-blk-device,id=disk0,drive=backing0");

        VirtioDevice disk = Assert.Single(qemu.Devices(), d => d.Id == "disk0");

        Assert.Equal(("virtio-blk", "/machine/peripheral/disk0"), (disk.Kind, disk.QomPath));
        Assert.Null(disk.TransportType);
    }

    [Fact]
    public void A_device_that_is_plugged_in_later_is_found()
    {
        using Qemu qemu = Qemu.Start("-S", "-M", "pc", "-blockdev", "driver=null-co,node-name=backing0");
        Assert.Empty(qemu.Devices());

        qemu.Ask("device_add", """{"driver": "virtio-blk-pci", "id": "late", "drive": "backing0"}""");
        Assert.Equal("late", Assert.Single(qemu.Devices()).Id);
    }

    [Fact]
    public void A_program_that_is_no_QEMU_is_said_to_be_none()
    {
        VirtioException error = Assert.Throws<VirtioException>(() => QemuProcess.Open(LiveProcess.Find(Environment.ProcessId)!));

        Assert.Contains("no QEMU", error.Message, StringComparison.Ordinal);
    }
}
