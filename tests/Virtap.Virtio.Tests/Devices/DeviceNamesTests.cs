using Virtap.Virtio.Devices;
using Virtap.Virtio.Tests.Support;

namespace Virtap.Virtio.Tests.Devices;

public class DeviceNamesTests(SharedQemu shared) : IClassFixture<SharedQemu>
{
    [Fact]
    public void Addresses_of_devices_and_queues_have_names()
    {
        QemuProcess qemu = QemuProcess.Open(shared.Qemu.Process);
        IReadOnlyList<VirtioDevice> devices = qemu.FindDevices();
        var names = new DeviceNames(qemu, devices);
        VirtioDevice disk = devices.Single(d => d.Id == "disk0");

        Assert.Equal("disk0", names.Device(disk.Address));
        Assert.Equal("disk0/0", names.Queue(disk.QueueArray));
        Assert.Equal("disk0/3", names.Queue(disk.QueueArray + 3 * (ulong)qemu.Layouts.Queue.Size));
        Assert.Null(names.Queue(disk.QueueArray + 4 * (ulong)qemu.Layouts.Queue.Size));
        Assert.Null(names.Queue(disk.QueueArray + 1));
        Assert.Null(names.Device(disk.Address + 8));
    }
}
