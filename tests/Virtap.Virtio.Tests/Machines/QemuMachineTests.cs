using Virtap.Virtio.Devices;
using Virtap.Virtio.Machines;
using Virtap.Virtio.Objects;
using Virtap.Virtio.Tests.Support;

namespace Virtap.Virtio.Tests.Machines;

public class QemuMachineTests(SharedQemu shared) : IClassFixture<SharedQemu>
{
    [Fact]
    public void A_machine_is_described()
    {
        QemuMachine machine = QemuMachine.Read(shared.Qemu.Process);

        Assert.Null(machine.Problem);
        Assert.Equal("shared", machine.Name);
        Assert.Equal(3, machine.CpuCount);
        Assert.NotNull(machine.Version);
        Assert.StartsWith(
            shared.Qemu.Ask("query-version").GetProperty("qemu").GetProperty("major") + ".", machine.Version, StringComparison.Ordinal);
        Assert.Equal(shared.Qemu.Ask("x-query-virtio").GetArrayLength(), machine.Devices.Count);
        Assert.Contains(shared.Qemu.Id, QemuMachine.All().Select(m => m.Process.Id));
    }

    [Fact]
    public void A_device_tells_what_serves_it_and_where_it_sits()
    {
        IReadOnlyList<MachineDevice> devices = QemuMachine.Read(shared.Qemu.Process).Devices;
        MachineDevice disk = devices.Single(d => d.Device.Id == "disk0"), other = devices.Single(d => d.Device.Name == "device[0]"),
        nic = devices.Single(d => d.Device.Id == "nic0");

        Assert.Equal(("backing0", "iothread0"), (disk.Backend, disk.Device.IoThreads.Distinct().Single()));
        Assert.Equal(("backing1", null), (other.Backend, other.Device.IoThreads.Distinct().Single()));
        Assert.Equal(("net0", null), (nic.Backend, nic.Device.IoThreads.Distinct().Single()));
        Assert.Equal(new PciAddress("pci.0", 9, 0), disk.Pci);
        Assert.Equal("pci.0/09.0", disk.Pci!.ToString());
        Assert.Equal(new PciAddress("bridge0", 3, 0), devices.Single(d => d.Device.Id == "behind").Pci);
    }

    [Fact]
    public void A_device_whose_structures_are_not_there_or_overwritten_is_named()
    {
        QemuMachine whole = QemuMachine.Read(new PartialProcess(shared.Qemu.Process, [], []));
        VirtioDevice disk = whole.Devices.Single(d => d.Device.Id == "disk0").Device;
        IReadOnlyList<UnreadObject> unread = QemuProcess.Open(new PartialProcess(shared.Qemu.Process, [], [])).WalkObjects().Unread;
        Assert.True(whole.Survey!.IsComplete, string.Join('\n', unread.Select(each => $"{each.Parent.Path} {each.Name} {each.Type}")));

        foreach ((QemuMachine machine, string how) in (IEnumerable<(QemuMachine, string)>)[
            (Without((disk.Address, 64ul)), "its object"), (Without((disk.QueueArray, 64ul)), "its queues"),
            (Without((disk.Transport!.Value, 64ul)), "what carries it"), (Overwritten((disk.QueueArray, 1024ul)), "its queues overwritten"),
            (Overwritten((disk.Address, 256ul)), "its object overwritten")])
        {
            Assert.True(machine.Problem is null, how + machine.Problem);
            Assert.True(machine.Survey!.Unread is [{ Name: "disk0" }], how);
            Assert.False(machine.Survey.IsComplete, how);
            Assert.Equal(
                whole.Devices.Select(d => d.Device.Name).Where(name => name != "disk0"), machine.Devices.Select(d => d.Device.Name));
        }
    }

    [Fact]
    public void An_object_tree_that_is_not_there_is_told_and_not_taken_for_one_without_devices()
    {
        ulong root = QemuProcess.Open(shared.Qemu.Process).ReadObjects()[0].Address;
        QemuMachine machine = Without((root, 64ul));

        Assert.Null(machine.Problem);
        Assert.Empty(machine.Devices);
        Assert.False(machine.Survey!.IsTreeWhole);
    }

    private QemuMachine Without(params IReadOnlyList<(ulong, ulong)> missing) =>
        QemuMachine.Read(new PartialProcess(shared.Qemu.Process, missing, []));

    private QemuMachine Overwritten(params IReadOnlyList<(ulong, ulong)> zero) =>
        QemuMachine.Read(new PartialProcess(shared.Qemu.Process, [], zero));

    [Theory]
    [InlineData("qemu -name web1", "web1")]
    [InlineData("qemu -m 1 -name guest=web1,debug-threads=on", "web1")]
    [InlineData("qemu -name debug-threads=on,guest=a,,b -m 1", "a,b")]
    [InlineData("qemu -name debug-threads=on", null)]
    [InlineData("qemu -name", null)]
    [InlineData("qemu", null)]
    public void The_name_is_read_off_the_command_line(string line, string? expected) =>
        Assert.Equal(expected, new QemuArguments(line.Split(' ')).MachineName);
}
