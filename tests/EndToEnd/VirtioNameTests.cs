using System.Globalization;
using Virtap.EndToEnd.Guests;

namespace Virtap.EndToEnd;

/// <summary>Names beside pointers: the tapset's vdev_name and vq_name.</summary>
public class VirtioNameTests
{
    [Fact]
    public async Task Scripts_name_the_device_and_the_queue_that_a_mark_speaks_of()
    {
        await Requirements.AttachingAsync();
        await Requirements.GuestAsync();
        await using var guest = await Guest.StartAsync(new GuestOptions());
        await using var virtap = await VirtapProcess.AttachAsync("-x", guest.ProcessId.ToString(CultureInfo.InvariantCulture), "-e",
            $$"""
            global notified
            probe process("{{Guest.Qemu}}").mark("virtio_notify_irqfd") { notified[vdev_name($vdev), vq_name($vq)]++ }
            probe end { foreach ([device, queue] in notified) println(device, " ", queue); println(vdev_name(17)) }
            """);

        await guest.FioAsync("--rw=randread --bs=4k --ioengine=libaio --iodepth=8 --number_ios=200");
        var printed = await virtap.InterruptAsync();

        Assert.Equal("disk0 disk0/0\n0x11\n", printed.Output);
        Assert.Equal(0, printed.Status);
    }
}
