using Virtap.Processes.Access;
using Virtap.Virtio.Devices;
using Virtap.Virtio.Tests.Support;

namespace Virtap.Virtio.Tests.Devices;

public class DeviceArgumentTests(SharedQemu shared) : IClassFixture<SharedQemu>
{
    [Theory]
    [InlineData("vdev:disk0", "/machine/peripheral/disk0/virtio-backend")]
    [InlineData("disk0", "/machine/peripheral/disk0/virtio-backend")]
    [InlineData("vdev:device[0]", "/machine/peripheral-anon/device[0]/virtio-backend")]
    [InlineData("vdev:/machine/peripheral/nic0/virtio-backend", "/machine/peripheral/nic0/virtio-backend")]
    [InlineData("vdev:/machine/peripheral/nic0", "/machine/peripheral/nic0/virtio-backend")]
    public void A_device_is_named_by_its_id_its_object_or_its_path(string argument, string path) =>
        Assert.Equal(path, DeviceArgument.Resolve(argument, shared.Qemu.Id).QomPath);

    [Fact]
    public void The_process_may_be_named_too() =>
        Assert.Equivalent(
            DeviceArgument.Resolve("disk0", shared.Qemu.Id), DeviceArgument.Resolve($"vdev:{shared.Qemu.Id}/disk0"), strict: true);

    [Fact]
    public void Or_the_machine_by_its_name() =>
        Assert.Equal(shared.Qemu.Id, DeviceArgument.Resolve("vdev:shared/disk0").ProcessId);

    [Fact]
    public void A_name_that_is_not_there_is_answered_with_those_that_are()
    {
        VirtioException error = Assert.Throws<VirtioException>(() => DeviceArgument.Resolve("vdev:disk7", shared.Qemu.Id));

        Assert.StartsWith(
            $"no virtio device is called disk7 in process {shared.Qemu.Id}; there are ", error.Message, StringComparison.Ordinal);
        Assert.Contains($"vdev:{shared.Qemu.Id}/disk0 (virtio-blk)", error.Message, StringComparison.Ordinal);
        Assert.Contains($"vdev:{shared.Qemu.Id}/nic0 (virtio-net)", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_name_that_two_QEMUs_have_must_be_told_apart()
    {
        using Qemu other = Qemu.Start(
            "-S", "-blockdev", "driver=null-co,node-name=backing0", "-device", "virtio-blk-pci,id=disk0,drive=backing0");

        VirtioException error = Assert.Throws<VirtioException>(() => DeviceArgument.Resolve("vdev:disk0"));

        // Others may run beside: what is said is whole in a failure's text.
        Assert.True(error.Message.Contains($"vdev:{shared.Qemu.Id}/disk0", StringComparison.Ordinal), error.Message);
        Assert.True(error.Message.Contains($"vdev:{other.Id}/disk0", StringComparison.Ordinal), error.Message);
        Assert.Equal(other.Id, DeviceArgument.Resolve($"vdev:{other.Id}/disk0").ProcessId);
        Assert.True(DeviceArgument.IsName("disk0"));
        Assert.False(DeviceArgument.IsName("disk7"));
    }

    [Fact]
    public void A_process_that_is_not_there_is_said_so() =>
        Assert.Equal(
            "there is no process 2147483647",
            Assert.Throws<ProcessException>(() => DeviceArgument.Resolve("vdev:2147483647/disk0")).Message);

    [Fact]
    public void A_name_is_needed() => Assert.Throws<VirtioException>(() => DeviceArgument.Resolve("vdev:"));

    [Theory]
    [InlineData("vdev:disk0", true)]
    [InlineData("0xaaaac88df530", false)]
    public void Arguments_that_name_devices_are_known_by_their_prefix(string argument, bool expected) =>
        Assert.Equal(expected, DeviceArgument.IsDeviceArgument(argument));
}
