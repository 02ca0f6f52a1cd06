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
        Assert.Contains(
            lines, line => line.Contains("disk0", StringComparison.Ordinal) && line.Contains("requests", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Traced_kicks_completions_and_notifications_are_those_of_QEMUs_own_trace_log()
    {
        await Requirements.AttachingAsync();
        await Requirements.GuestAsync();
        await using var guest = await Guest.StartAsync(new GuestOptions
        {
            // Every request of the other disk is kicked for: the main loop does not poll.
            Devices = [
                .. GuestOptions.Disk, "-blockdev", "driver=null-co,node-name=backing1,size=1073741824,read-zeroes=on", "-device",
                "virtio-blk-pci,id=disk1,drive=backing1"],
            Trace = ["virtio_queue_notify", "virtqueue_fill", "virtio_notify", "virtio_notify_irqfd"],
        });
        var pid = guest.ProcessId.ToString(CultureInfo.InvariantCulture);
        var before = guest.TraceLog;

        var watching = VirtapProcess.RunAsync("vq", pid, "--trace", "--once", "--json", "--interval", "12");
        await Task.Delay(TimeSpan.FromSeconds(1), TestContext.Current.CancellationToken);
        var first = await guest.FioAsync("--rw=randread --bs=4k --ioengine=libaio --iodepth=16 --number_ios=1000");
        var second = await guest.RunAsync("dd if=/dev/vdb of=/dev/null bs=4k count=200 iflag=direct 2>/dev/null");
        Assert.False(watching.IsCompleted, "the guest was too slow");
        var shown = await watching;
        var after = guest.TraceLog;

        Assert.Equal((0, "", 0), (shown.Status, shown.Error, second.Status));
        var queues = JsonDocument.Parse(shown.Output).RootElement.GetProperty("queues").EnumerateArray().ToList();
        var traffic = queues.ConvertAll(queue => queue.GetProperty("trace"));
        Assert.Equal([first.Total, 200], traffic.Select(each => Number(each, "completed")).OrderDescending());
        Assert.All(queues, queue => Assert.Equal(Number(queue, "completed"), Number(queue.GetProperty("trace"), "completed")));
        Assert.Equal(Logged("virtqueue_fill"), traffic.Sum(each => Number(each, "completed")));
        Assert.Equal(Logged("virtio_notify") + Logged("virtio_notify_irqfd"), traffic.Sum(each => Number(each, "notifications")));
        Assert.Equal(Logged("virtio_queue_notify"), traffic.Sum(each => Number(each, "kicks") + Number(each, "polls")));
        var unpolled = Assert.Single(traffic, each => Number(each, "completed") == 200);
        Assert.Equal(0, Number(unpolled, "polls"));
        Assert.InRange(Number(unpolled, "kicks"), 200, 400);
        Assert.All(traffic, each =>
        {
            Assert.InRange(Number(each, "suppressed"), 0, Number(each, "completed"));
            var sizes = new[] { "p50", "p99", "max" }.Select(name => Number(each.GetProperty("requestsPerNotification"), name)).ToList();
            Assert.Equal(sizes.Order(), sizes);
            Assert.InRange(sizes[^1], 1, Number(each, "completed"));
        });

        int Logged(string name) => after.Count(name) - before.Count(name);
    }

    [Fact]
    public async Task Without_the_privilege_to_trace_it_says_what_can_be_had_without()
    {
        await Requirements.InspectingAsync();
        await Requirements.GuestAsync();
        Requirements.Program("setpriv");
        await using var guest = await Guest.StartAsync(new GuestOptions { StartPaused = true });
        var pid = guest.ProcessId.ToString(CultureInfo.InvariantCulture);
        string[] unprivileged = ["--bounding-set=-sys_admin,-bpf,-perfmon", VirtapProcess.Binary];

        var trace = await Command.RunAsync(Command.Find("setpriv")!, [.. unprivileged, "vq", pid, "--trace", "--once"]);
        var latency = await Command.RunAsync(Command.Find("setpriv")!, [.. unprivileged, "latency", pid, "disk0"]);
        var sampled = await Command.RunAsync(Command.Find("setpriv")!, [.. unprivileged, "vq", pid, "--once", "--interval", "0.1"]);

        Assert.Equal((1, ""), (trace.Status, trace.Output));
        Assert.StartsWith("error: --trace counts by eBPF probes, which takes privilege: ", trace.Error, StringComparison.Ordinal);
        Assert.EndsWith(
            "Without --trace, virtap vq works from sampling the rings, which needs no eBPF\n", trace.Error, StringComparison.Ordinal);
        Assert.Equal((1, ""), (latency.Status, latency.Output));
        Assert.StartsWith("error: requests are timed by eBPF probes, which takes privilege: ", latency.Error, StringComparison.Ordinal);
        Assert.Equal((0, ""), (sampled.Status, sampled.Error));
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

    private static long Number(JsonElement element, string name) => element.GetProperty(name).GetInt64();
}
