using Virtap.EndToEnd.Guests;

namespace Virtap.EndToEnd;

/// <summary>What the other tests stand on.</summary>
public class GuestTests(ITestOutputHelper output)
{
    // Bursts that are not chance.
    private const int Enough = 10;

    [Fact]
    public async Task The_guest_boots_does_IO_and_QEMU_logs_every_request()
    {
        await Requirements.GuestAsync();
        var started = TimeProvider.System.GetTimestamp();
        await using var guest = await Guest.StartAsync(new GuestOptions { Trace = ["virtio_blk_req_complete"] });
        output.WriteLine($"figure: the guest was ready after {TimeProvider.System.GetElapsedTime(started).TotalSeconds:F1} s");

        Assert.Equal("hello\n", (await guest.RunAsync("echo hello")).Output);
        Assert.Equal(3, (await guest.RunAsync("exit 3")).Status);
        var fio = await guest.FioAsync("--rw=randread --bs=4k --ioengine=libaio --iodepth=128 --number_ios=1000");
        var log = await guest.PowerOffAsync();

        Assert.Equal(1000, fio.Total);
        Assert.InRange(log.Count("virtio_blk_req_complete"), 1000, 1100);
    }

    [Fact]
    public async Task Files_of_a_test_reach_the_guest()
    {
        await Requirements.GuestAsync();
        await using var guest = await Guest.StartAsync(new GuestOptions
        {
            Files = new Dictionary<string, string> { ["/root/global.json"] = Repository.PathOf("global.json") },
        });

        var expected = await File.ReadAllTextAsync(Repository.PathOf("global.json"), TestContext.Current.CancellationToken);
        Assert.Equal(expected, (await guest.RunAsync("cat /root/global.json")).Output);
    }

    [Fact]
    public async Task On_one_CPU_completions_come_in_bursts_as_long_as_the_queue_is_deep()
    {
        await Requirements.GuestAsync();
        await using var guest = await Guest.StartAsync(new GuestOptions
        {
            SharesOneCpu = true,
            Trace = ["virtio_blk_req_complete", "virtio_notify_irqfd"],
        });
        // How the scheduler treats a guest differs from one to the next, and from one run of fio to the next.
        for (var round = 0; round < 10 && Bursts(guest.TraceLog) <= Enough; round++)
            await guest.FioAsync(Guest.WholeQueues);
        var log = await guest.PowerOffAsync();

        var bursts = Bursts(log);
        output.WriteLine($"figure: {bursts} of {log.Count("virtio_notify_irqfd")} notifications announced more than 120 requests");
        Assert.True(bursts > Enough);
    }

    /// <summary>How many notifications announced more than 120 requests.</summary>
    private static int Bursts(TraceLog log)
    {
        var (count, bursts) = (0, 0);
        foreach (var line in log.Lines)
        {
            if (line.Name == "virtio_notify_irqfd")
            {
                bursts += count > 120 ? 1 : 0;
                count = 0;
            }
            else
            {
                count++;
            }
        }

        return bursts;
    }
}
