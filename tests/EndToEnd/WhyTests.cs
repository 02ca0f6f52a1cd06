using System.Globalization;
using System.Text.Json;
using Virtap.EndToEnd.Guests;

namespace Virtap.EndToEnd;

/// <summary><c>virtap why</c>: from a guest whose disk hangs to the reason.</summary>
public class WhyTests
{
    [Fact]
    public async Task A_disk_whose_backend_stopped_completing_is_found_and_a_healthy_one_beside_it_is_not_blamed()
    {
        await Requirements.InspectingAsync();
        await Requirements.GuestAsync();
        await using var guest = await Guest.StartAsync(new GuestOptions
        {
            Devices =
            [
                .. GuestOptions.Disk,
                "-object", "throttle-group,id=throttle0",
                "-blockdev", "driver=throttle,node-name=slow,throttle-group=throttle0,file.driver=null-co,file.size=1073741824,file.read-zeroes=on",
                "-device", "virtio-blk-pci,id=slow0,drive=slow",
            ],
        });
        var pid = guest.ProcessId.ToString(CultureInfo.InvariantCulture);
        var before = await VirtapProcess.RunAsync("why", pid);
        // The first request passes; the second waits for a minute.
        await guest.Qmp.ExecuteAsync("qom-set", """{"path": "/objects/throttle0", "property": "limits", "value": {"bps-total": 1024}}""");
        await guest.RunAsync("dd if=/dev/vdb of=/dev/null bs=64k count=2 iflag=direct 2>/dev/null & sleep 0.5");

        var text = await VirtapProcess.RunAsync("why", pid);
        var json = await VirtapProcess.RunAsync("why", pid, "slow0", "--json");

        Assert.Equal((0, ""), (before.Status, before.Error));
        Assert.Equal(2, before.Output.Split('\n').Count(line => line.Contains(": healthy, 1 queue idle", StringComparison.Ordinal)));
        Assert.Equal((2, ""), (text.Status, text.Error));
        Assert.StartsWith($"slow0 (virtio-blk, QEMU {pid}): something is wrong", text.Output, StringComparison.Ordinal);
        Assert.Contains("queue 0 (requests): BACKEND STUCK (likely", text.Output, StringComparison.Ordinal);
        Assert.Contains($"disk0 (virtio-blk, QEMU {pid}): healthy", text.Output, StringComparison.Ordinal);
        var device = Assert.Single(JsonDocument.Parse(json.Output).RootElement.GetProperty("devices").EnumerateArray());
        var verdict = Assert.Single(device.GetProperty("verdicts").EnumerateArray());
        Assert.Equal("backend stuck", verdict.GetProperty("verdict").GetString());
        Assert.Equal(0, verdict.GetProperty("queue").GetInt32());
        Assert.True(device.GetProperty("queues")[0].GetProperty("inuse").GetInt32() > 0);
    }

    [Fact]
    public async Task A_paused_machine_without_a_driver_is_said_to_be_at_rest()
    {
        await Requirements.InspectingAsync();
        await Requirements.GuestAsync();
        await using var guest = await Guest.StartAsync(new GuestOptions { StartPaused = true });

        var result = await VirtapProcess.RunAsync("why", guest.ProcessId.ToString(CultureInfo.InvariantCulture), "vdev:disk0");

        Assert.Equal(0, result.Status);
        Assert.Contains("No driver in the guest drives the device", result.Output, StringComparison.Ordinal);
        Assert.Contains("The machine is paused", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_device_that_is_not_there_is_refused_with_the_names_of_those_that_are()
    {
        await Requirements.InspectingAsync();
        await Requirements.GuestAsync();
        await using var guest = await Guest.StartAsync(new GuestOptions { StartPaused = true });

        var result = await VirtapProcess.RunAsync("why", guest.ProcessId.ToString(CultureInfo.InvariantCulture), "disk7");

        Assert.Equal((1, ""), (result.Status, result.Output));
        Assert.Equal($"error: no virtio device is called disk7 in process {guest.ProcessId}; there are vdev:{guest.ProcessId}/disk0 (virtio-blk)\n", result.Error);
    }
}
