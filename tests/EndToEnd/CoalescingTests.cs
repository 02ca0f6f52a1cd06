using System.Globalization;
using Virtap.EndToEnd.Guests;

namespace Virtap.EndToEnd;

/// <summary><c>virtap coalescing</c>: the notes' question, answered without a script.</summary>
public class CoalescingTests
{
    [Fact]
    public async Task All_requests_of_a_disk_and_its_notifications_are_counted()
    {
        await Requirements.AttachingAsync();
        await Requirements.GuestAsync();
        await using var guest = await Guest.StartAsync(new GuestOptions { SharesOneCpu = true });
        var pid = guest.ProcessId.ToString(CultureInfo.InvariantCulture);

        var watching = VirtapProcess.RunAsync("coalescing", pid, "disk0", "--seconds", "8");
        await Task.Delay(TimeSpan.FromSeconds(1), TestContext.Current.CancellationToken);
        await guest.FioAsync("--rw=randread --bs=4k --ioengine=libaio --iodepth=64 --number_ios=5000");
        Assert.False(watching.IsCompleted, "the guest was too slow");
        var shown = await watching;

        Assert.Equal((0, ""), (shown.Status, shown.Error));
        Assert.StartsWith("5000 requests completed, ", shown.Output, StringComparison.Ordinal);
        Assert.Contains(" requests per notification\n", shown.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_script_that_is_run_can_be_had()
    {
        Assert.SkipUnless(File.Exists(VirtapProcess.Binary), "out/virtap is not built");
        var shown = await VirtapProcess.RunAsync("coalescing", "--show-script");
        Assert.Equal(
            await File.ReadAllTextAsync(Repository.PathOf("examples", "coalescing.stp"), TestContext.Current.CancellationToken),
            shown.Output);
    }
}
