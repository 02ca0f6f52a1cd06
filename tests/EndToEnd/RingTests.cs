using System.Globalization;
using System.Text.Json;
using Virtap.EndToEnd.Guests;

namespace Virtap.EndToEnd;

/// <summary><c>virtap ring</c>: which requests hang, and what they are.</summary>
public class RingTests
{
    [Fact]
    public async Task The_requests_that_a_disk_does_not_answer_are_shown_with_what_they_ask_for()
    {
        await Requirements.InspectingAsync();
        await Requirements.GuestAsync();
        await using var guest = await Guest.StartAsync(new GuestOptions { Devices = ThrottledDisk() });
        var pid = guest.ProcessId.ToString(CultureInfo.InvariantCulture);
        var before = await VirtapProcess.RunAsync("ring", pid, "slow0");
        await StallAsync(guest);

        var text = await VirtapProcess.RunAsync("ring", pid, "slow0", "0");
        var json = await VirtapProcess.RunAsync("ring", pid, "vdev:slow0", "--json");

        Assert.Equal((0, ""), (before.Status, before.Error));
        Assert.Matches(
            $"^slow0 queue 0 \\(requests\\), QEMU {pid}: split ring of 256, 0 requests in flight, none waiting, watched for .*\n$",
            before.Output);
        Assert.Equal((0, ""), (text.Status, text.Error));
        Assert.Matches(
            @"(?m)^ +\d+  at least \d+ ms  read 65,536 bytes at sector (0|128).* "
            + @"+\d+ +0x[0-9a-f]+ +\d+  (reads table  indirect|reads +next)$",
            text.Output);
        Assert.Matches(@"(?m)^ +\d+(/\d+)? +0x[0-9a-f]+ +1  writes +write$", text.Output);

        Assert.Equal((0, ""), (json.Status, json.Error));
        var ring = JsonDocument.Parse(json.Output).RootElement;
        Assert.True(ring.GetProperty("still").GetBoolean());
        Assert.Equal(ring.GetProperty("inuse").GetInt32(), ring.GetProperty("inFlight").GetArrayLength());
        foreach (var request in ring.GetProperty("inFlight").EnumerateArray())
        {
            Assert.True(request.GetProperty("certain").GetBoolean());
            Assert.Empty(request.GetProperty("findings").EnumerateArray());
            Assert.Equal("read", request.GetProperty("block").GetProperty("type").GetString());
            Assert.True(request.GetProperty("ageAtLeastSeconds").GetDouble() > 0);
        }
    }

    [Fact]
    public async Task A_queue_that_is_not_there_is_refused_with_those_that_are()
    {
        await Requirements.InspectingAsync();
        await Requirements.GuestAsync();
        await using var guest = await Guest.StartAsync(new GuestOptions { StartPaused = true });
        var pid = guest.ProcessId.ToString(CultureInfo.InvariantCulture);

        var none = await VirtapProcess.RunAsync("ring", pid, "disk0", "3");
        var only = await VirtapProcess.RunAsync("ring", pid, "disk0", "--seconds", "0");

        Assert.Equal((1, "", "error: there is no queue 3: disk0 has queue 0 (requests)\n"), (none.Status, none.Output, none.Error));
        Assert.Equal((0, ""), (only.Status, only.Error));
        Assert.Contains("the ring: the driver has not set the queue up", only.Output, StringComparison.Ordinal);
    }

    private static List<string> ThrottledDisk() =>
    [
        "-object", "throttle-group,id=throttle0",
        "-blockdev", "driver=throttle,node-name=slow,throttle-group=throttle0,file.driver=null-co,file.size=1073741824,file.read-zeroes=on",
        "-device", "virtio-blk-pci,id=slow0,drive=slow,num-queues=1",
    ];

    // The first request passes; the second waits for a minute.
    private static async Task StallAsync(Guest guest)
    {
        await guest.Qmp.ExecuteAsync("qom-set", """{"path": "/objects/throttle0", "property": "limits", "value": {"bps-total": 1024}}""");
        await guest.RunAsync("dd if=/dev/vda of=/dev/null bs=64k count=2 iflag=direct 2>/dev/null & sleep 0.5");
    }
}
