using Virtap.Binaries.Elf;
using Virtap.Virtio.Layouts;

namespace Virtap.Virtio.Tests.Layouts;

public class RecoveredLayoutsTests
{
    private const string Qemu = "/usr/bin/qemu-system-x86_64";

    // Each offset was also read off the disassembly by hand; a live device checks them in the tests of devices.
    [Fact]
    public void The_layouts_of_QEMU_7_2_come_out_of_its_stripped_binary()
    {
        Assert.SkipUnless(File.Exists(Qemu), "no QEMU is installed");
        using ElfFile file = ElfFile.Open(Qemu);

        VirtioLayouts layouts = RecoveredLayouts.Read(file);

        Assert.Equal(new VirtQueueLayout
        {
            Size = 0x98,
            Number = 0,
            DefaultNumber = 4,
            Descriptors = 0x10,
            Avail = 0x18,
            Used = 0x20,
            Caches = 0x28,
            LastAvailIndex = 0x38,
            LastAvailWrap = 0x3a,
            ShadowAvailIndex = 0x3c,
            UsedIndex = 0x40,
            UsedWrap = 0x42,
            SignalledUsed = 0x44,
            SignalledUsedValid = 0x46,
            Notification = 0x47,
            QueueIndex = 0x48,
            InUse = 0x4c,
            Vector = 0x50,
            HandleOutput = 0x58,
            Device = 0x60,
            GuestNotifier = 0x68,
            HostNotifier = 0x74,
            HostNotifierEnabled = 0x80,
        }, layouts.Queue);
        Assert.Equal(new VirtioDeviceLayout
        {
            Queues = 0xe8,
            GuestFeatures = 0xb0,
            Name = 0xa0,
            Status = 0xa8,
            DeviceId = 0x1b0,
            VmRunning = 0x1b2,
            Broken = 0x1b3,
            VhostStarted = 0x1ba,
        }, layouts.Device);
        Assert.NotNull(layouts.RootObject);
    }
}
