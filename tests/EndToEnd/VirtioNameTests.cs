using System.Diagnostics;
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

    [Fact]
    public async Task A_script_that_does_not_come_to_the_names_is_warned_of_none_of_their_parts()
    {
        await Requirements.AttachingAsync();
        using var target = Process.Start("/bin/sleep", "1000");
        try
        {
            // In a probe that is not there; in a comment; and the names of what has no devices.
            foreach (var (script, printed) in ((string, string)[])[
                ("probe process.mark(\"none\")? { println(vdev_name($vdev)) } probe begin { println(1) exit() }", "1\n"),
                ("probe begin { /* vdev_name */ println(2) exit() }", "2\n"),
                ("probe begin { println(vq_name(17)) exit() }", "0x11\n")])
            {
                var result = await VirtapProcess.RunAsync("run", "-x", target.Id.ToString(CultureInfo.InvariantCulture), "-e", script);
                Assert.Equal((0, printed), (result.Status, result.Output));
                Assert.DoesNotContain("elided", result.Error, StringComparison.Ordinal);
                Assert.DoesNotContain("__virtio_names", result.Error, StringComparison.Ordinal);
            }
        }
        finally
        {
            target.Kill();
            await target.WaitForExitAsync(TestContext.Current.CancellationToken);
        }
    }
}
