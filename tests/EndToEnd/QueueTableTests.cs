using System.Globalization;
using System.Text.Json;
using Virtap.EndToEnd.Guests;

namespace Virtap.EndToEnd;

/// <summary><c>virtap vq</c>: queues at work, seen without stopping anything.</summary>
public class QueueTableTests
{
    [Fact]
    public async Task The_rates_of_a_disk_at_work_agree_with_what_fio_reports()
    {
        await Requirements.InspectingAsync();
        await Requirements.GuestAsync();
        await using var guest = await Guest.StartAsync(new GuestOptions());
        var pid = guest.ProcessId.ToString(CultureInfo.InvariantCulture);

        var workload = guest.FioAsync("--rw=randread --bs=4k --ioengine=libaio --iodepth=16 --time_based --runtime=8");
        await Task.Delay(TimeSpan.FromSeconds(3), TestContext.Current.CancellationToken);
        var json = await VirtapProcess.RunAsync("vq", pid, "disk0", "--once", "--json", "--interval", "2");
        var text = await VirtapProcess.RunAsync("vq", pid, "--once", "--interval", "0.5");
        Assert.False(workload.IsCompleted);
        var fio = await workload;

        Assert.Equal((0, ""), (json.Status, json.Error));
        var queue = Assert.Single(JsonDocument.Parse(json.Output).RootElement.GetProperty("queues").EnumerateArray());
        Assert.Equal("disk0", queue.GetProperty("id").GetString());
        Assert.False(queue.GetProperty("atLeast").GetBoolean());
        var rate = queue.GetProperty("completedPerSecond").GetDouble();
        var average = fio.Total / 8.0;
        Assert.True(rate > average / 3 && rate < average * 3, $"{rate} a second, fio had {average} on average");
        Assert.InRange(queue.GetProperty("mostInFlight").GetInt32(), 0, 16);

        Assert.Equal((0, ""), (text.Status, text.Error));
        var lines = text.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.StartsWith("DEVICE", lines[1].TrimStart(), StringComparison.Ordinal);
        Assert.Contains(lines, line => line.Contains("disk0", StringComparison.Ordinal) && line.Contains("requests", StringComparison.Ordinal));
    }

    [Fact]
    public async Task On_a_terminal_the_table_is_live_until_it_is_interrupted()
    {
        await Requirements.InspectingAsync();
        await Requirements.GuestAsync();
        await using var guest = await Guest.StartAsync(new GuestOptions());
        await using var virtap = TerminalCommand.Start(VirtapProcess.Binary, "vq", $"{guest.ProcessId}", "--interval", "0.3");

        await virtap.ShowsAsync("Ctrl-C ends");
        await virtap.ShowsAsync("disk0");

        Assert.Equal(0, await virtap.InterruptAsync());
    }
}
