using System.Globalization;
using System.Text.Json;
using Virtap.EndToEnd.Guests;

namespace Virtap.EndToEnd;

/// <summary><c>virtap latency</c>: where the time of a disk's requests goes, against what the guest's fio measured.</summary>
public class LatencyTests
{
    private static readonly string[] Rising = ["p50", "p90", "p99", "p99.9", "max"];

    private static readonly string[] PackedDisk =
    [
        "-blockdev", "driver=null-co,node-name=backing0,size=1073741824,read-zeroes=on",
        "-device", "virtio-blk-pci,id=disk0,drive=backing0,packed=on",
    ];

    private static readonly string[] Throttled =
    [
        "-object", "throttle-group,id=throttle0",
        "-blockdev", "driver=throttle,node-name=slow,throttle-group=throttle0,file.driver=null-co,file.size=1073741824,file.read-zeroes=on",
        "-device", "virtio-blk-pci,id=slow0,drive=slow",
    ];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Every_request_is_timed_and_told_apart_and_each_is_announced_or_not_wanted(bool isPackedAndOfTheMainLoop)
    {
        await Requirements.AttachingAsync();
        await Requirements.GuestAsync();
        await using var guest = await Guest.StartAsync(
            new GuestOptions { Devices = isPackedAndOfTheMainLoop ? PackedDisk : GuestOptions.Disk });

        var (shown, fio) = await WatchAsync(
            guest, "disk0", ["--interval", "1"], "--rw=randrw --bs=4k --ioengine=libaio --iodepth=32 --number_ios=5000");

        var lines = shown.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement)
            .ToList();
        var whole = lines[^1];
        Assert.True(whole.GetProperty("whole").GetBoolean());
        // A packed ring counts descriptors, not requests.
        Assert.Equal(isPackedAndOfTheMainLoop ? "null" : "0", whole.GetProperty("inFlightBefore").GetRawText());
        Assert.Equal((0, 0, 0), (Number(whole, "inFlight"), Number(whole, "abandoned"), Number(whole, "skippedProbes")));
        var queue = Assert.Single(whole.GetProperty("queues").EnumerateArray());
        Assert.Equal((fio.Reads, fio.Writes, 0), (Count(queue, "reads"), Count(queue, "writes"), Count(queue, "other")));
        Assert.Equal((fio.Total, 0, 0), (Count(queue, "completed"), Number(queue, "takenBefore"), Number(queue, "lost")));
        Assert.Equal(fio.Total, Count(queue, "notified") + Number(queue, "notWanted") + Number(queue, "notAnnounced"));
        Assert.InRange(Count(queue, "notified"), 1, fio.Total);
        foreach (var stage in new[] { "completed", "reads", "writes", "notified" })
            AssertConsistent(queue.GetProperty(stage));

        // What the intervals saw adds up to the whole; the last one may have been cut short.
        var intervals = lines[..^1];
        Assert.NotEmpty(intervals);
        Assert.All(intervals, line => Assert.False(line.GetProperty("whole").GetBoolean()));
        Assert.Equal(fio.Total, intervals.SelectMany(line => line.GetProperty("queues").EnumerateArray()).Sum(q => Count(q, "completed")));
    }

    [Fact]
    public async Task On_a_throttled_disk_it_is_the_throttle_that_takes_the_time()
    {
        await Requirements.AttachingAsync();
        await Requirements.GuestAsync();
        await using var guest = await Guest.StartAsync(new GuestOptions { Devices = Throttled });
        await guest.Qmp.ExecuteAsync("qom-set", """{"path": "/objects/throttle0", "property": "limits", "value": {"iops-total": 100}}""");

        var (shown, fio) = await WatchAsync(guest, "slow0", [], "--rw=randread --bs=4k --ioengine=sync --number_ios=300");

        var reads = JsonDocument.Parse(shown.Output).RootElement.GetProperty("queues")[0].GetProperty("reads");
        Assert.Equal(fio.Reads, reads.GetProperty("count").GetInt64());
        AssertConsistent(reads);
        // 100 requests in a second, one after the other: 10 ms for each but the first few, of which nearly all is QEMU's. The guest waits
        // for it, and longer.
        var mean = reads.GetProperty("mean").GetDouble();
        Assert.InRange(mean, fio.ReadLatency / 2, fio.ReadLatency);
        Assert.InRange(reads.GetProperty("p50").GetInt64(), 5_000_000, 20_000_000);
    }

    [Fact]
    public async Task Requests_under_way_at_the_beginning_and_at_the_end_are_told_and_not_timed()
    {
        await Requirements.AttachingAsync();
        await Requirements.GuestAsync();
        await using var guest = await Guest.StartAsync(new GuestOptions { Devices = Throttled });
        var pid = guest.ProcessId.ToString(CultureInfo.InvariantCulture);
        await guest.Qmp.ExecuteAsync("qom-set", """{"path": "/objects/throttle0", "property": "limits", "value": {"iops-total": 2}}""");
        await guest.RunAsync(
            "fio --name=t --filename=/dev/vda --direct=1 --rw=randread --bs=4k --ioengine=libaio --iodepth=8 --number_ios=1000 >/dev/null "
                + "2>&1 &");
        for (var look = 0; await MaxInFlightAsync(pid, "slow0") < 8; look++)
            Assert.True(look < 60, "fio has not begun");

        var json = await VirtapProcess.RunAsync("latency", pid, "slow0", "--seconds", "3", "--json");
        var text = await VirtapProcess.RunAsync("latency", pid, "slow0", "--seconds", "0.2");

        Assert.Equal((0, ""), (json.Status, json.Error));
        var whole = JsonDocument.Parse(json.Output).RootElement;
        // One is missing where the guest has not come to sending the next yet.
        Assert.InRange(Number(whole, "inFlightBefore"), 7, 8);
        Assert.InRange(Number(whole, "inFlight"), 7, 8);
        var queue = Assert.Single(whole.GetProperty("queues").EnumerateArray());
        Assert.InRange(Number(queue, "takenBefore"), 1, 8);
        Assert.InRange(Count(queue, "completed") + Number(queue, "takenBefore"), 4, 8);
        Assert.Matches("[78] requests in flight when watching began; ", text.Output);
        Assert.Matches("[78] requests in flight at the end: not in the figures.\n", text.Output);
    }

    [Fact]
    public async Task An_interrupt_ends_it_and_what_was_seen_is_shown()
    {
        await Requirements.AttachingAsync();
        await Requirements.GuestAsync();
        Requirements.Program("timeout");
        await using var guest = await Guest.StartAsync(new GuestOptions());
        var pid = guest.ProcessId.ToString(CultureInfo.InvariantCulture);

        var watching = Command.RunAsync(
            Command.Find("timeout")!,
            ["--foreground", "-s", "INT", "--preserve-status", "6", VirtapProcess.Binary, "latency", pid, "disk0"]);
        await guest.FioAsync("--rw=randread --bs=4k --ioengine=libaio --iodepth=4 --time_based --runtime=5");
        var shown = await watching;

        Assert.Equal((0, ""), (shown.Status, shown.Error));
        Assert.StartsWith($"disk0 (virtio-blk, QEMU {pid}), ", shown.Output, StringComparison.Ordinal);
        Assert.Contains("queue 0 (requests), from taken to completed\n", shown.Output, StringComparison.Ordinal);
        Assert.Contains("##########", shown.Output, StringComparison.Ordinal);
        Assert.Contains("how long requests lay in the queue is not to be seen from outside", shown.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_script_that_is_run_can_be_had_with_the_command_line_that_runs_it()
    {
        await Requirements.AttachingAsync();
        await Requirements.GuestAsync();
        await using var guest = await Guest.StartAsync(new GuestOptions());
        var pid = guest.ProcessId.ToString(CultureInfo.InvariantCulture);
        var plain = await VirtapProcess.RunAsync("latency", "--show-script");
        Assert.Equal(
            await File.ReadAllTextAsync(Repository.PathOf("examples", "latency.stp"), TestContext.Current.CancellationToken),
            plain.Output);

        var shown = await VirtapProcess.RunAsync("latency", pid, "disk0", "--show-script");
        var line = shown.Output.Split('\n')[1];
        Assert.StartsWith("# virtap run -D MAXACTION=", line, StringComparison.Ordinal);
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, shown.Output, TestContext.Current.CancellationToken);
        try
        {
            await using var virtap = await VirtapProcess.AttachAsync(line.Replace("FILE", file, StringComparison.Ordinal).Split(' ')[3..]);
            await guest.FioAsync("--rw=randread --bs=4k --ioengine=libaio --iodepth=32 --number_ios=2000");
            var result = await virtap.InterruptAsync();
            Assert.Equal(0, result.Status);
            Assert.Matches(
                @"reads, completed +2000 requests, mean \d+ ns, half within \d+, 99% within \d+, all within \d+\n", result.Output);
            Assert.Matches(@"guest told +\d+ requests, mean ", result.Output);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Theory]
    [InlineData("latency")]
    [InlineData("vq", "--trace")]
    public async Task Interrupted_it_leaves_nothing_behind_in_the_kernel(params string[] command)
    {
        await Requirements.AttachingAsync();
        await Requirements.GuestAsync();
        Requirements.Program("bpftool");
        await using var guest = await Guest.StartAsync(new GuestOptions { StartPaused = true });
        using var virtap = Command.Start(
            VirtapProcess.Binary, [command[0], guest.ProcessId.ToString(CultureInfo.InvariantCulture), "disk0", .. command[1..]]);
        IReadOnlyList<KernelObject> held = [];
        for (var look = 0; look < 200 && !held.Any(each => each.Kind == "link"); look++)
        {
            await Task.Delay(50, TestContext.Current.CancellationToken);
            held = await KernelObject.OfAsync(virtap.Id);
        }

        await Command.RunAsync("/bin/kill", ["-INT", virtap.Id.ToString(CultureInfo.InvariantCulture)]);
        await virtap.WaitForExitAsync(TestContext.Current.CancellationToken)
            .WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);

        Assert.Equal(0, virtap.ExitCode);
        Assert.Contains(held, each => each.Kind == "link");
        foreach (var each in held)
        {
            // The kernel takes its time to free what nobody holds any more.
            for (var look = 0; look < 100 && await each.ExistsAsync(); look++)
                await Task.Delay(100, TestContext.Current.CancellationToken);
            Assert.False(await each.ExistsAsync(), $"{each.Kind} {each.Id} is still there");
        }
    }

    /// <summary>Watches a device from before fio begins until after it has ended.</summary>
    private static async Task<(CommandResult Shown, FioResult Fio)> WatchAsync(Guest guest, string device, string[] options, string fio)
    {
        var pid = guest.ProcessId.ToString(CultureInfo.InvariantCulture);
        var watching = VirtapProcess.RunAsync(["latency", pid, device, "--seconds", "10", "--json", .. options]);
        await Task.Delay(TimeSpan.FromSeconds(1), TestContext.Current.CancellationToken);
        var result = await guest.FioAsync(fio);
        Assert.False(watching.IsCompleted, "the guest was too slow");
        var shown = await watching;
        Assert.Equal((0, ""), (shown.Status, shown.Error));
        return (shown, result);
    }

    private static async Task<int> MaxInFlightAsync(string pid, string device)
    {
        var shown = await VirtapProcess.RunAsync("vq", pid, device, "--once", "--json", "--interval", "0.5");
        return JsonDocument.Parse(shown.Output).RootElement.GetProperty("queues")[0].GetProperty("mostInFlight").GetInt32();
    }

    private static void AssertConsistent(JsonElement stage)
    {
        var values = Rising.Select(name => stage.GetProperty(name).GetInt64()).ToList();
        Assert.Equal(values.Order(), values);
        var buckets = stage.GetProperty("buckets").EnumerateArray()
            .Select(b => (Lowest: b[0].GetInt64(), Highest: b[1].GetInt64(), Count: b[2].GetInt64())).ToList();
        Assert.Equal(stage.GetProperty("count").GetInt64(), buckets.Sum(b => b.Count));
        Assert.InRange(stage.GetProperty("sum").GetInt64(), buckets.Sum(b => b.Count * b.Lowest), buckets.Sum(b => b.Count * b.Highest));
        Assert.InRange(stage.GetProperty("max").GetInt64(), buckets[^1].Lowest, buckets[^1].Highest);
    }

    private static long Count(JsonElement queue, string stage) => queue.GetProperty(stage).GetProperty("count").GetInt64();

    private static long Number(JsonElement element, string name) => element.GetProperty(name).GetInt64();
}
