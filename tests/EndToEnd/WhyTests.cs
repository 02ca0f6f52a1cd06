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
                "-blockdev",
                "driver=throttle,node-name=slow,throttle-group=throttle0,file.driver=null-co,file.size=1073741824,file.read-zeroes=on",
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
    public async Task A_machine_that_was_not_started_is_said_to_be_paused_and_not_healthy()
    {
        await Requirements.InspectingAsync();
        await Requirements.GuestAsync();
        await using var guest = await Guest.StartAsync(new GuestOptions { StartPaused = true });

        var result = await VirtapProcess.RunAsync("why", guest.ProcessId.ToString(CultureInfo.InvariantCulture), "vdev:disk0");

        Assert.Equal(2, result.Status);
        Assert.Contains("No driver in the guest drives the device", result.Output, StringComparison.Ordinal);
        Assert.Contains("the machine: PAUSED", result.Output, StringComparison.Ordinal);
        Assert.Contains("The guest has not been started yet", result.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("healthy", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_machine_that_QEMU_paused_after_an_io_error_is_said_to_be_paused_since_when_and_why()
    {
        await Requirements.InspectingAsync();
        await Requirements.GuestAsync();
        await using var guest = await Guest.StartAsync(new GuestOptions
        {
            Devices =
            [
                // A bad sector, further in than the kernel looks for partitions.
                "-blockdev", "driver=blkdebug,node-name=bad,image.driver=null-co,image.size=1073741824,image.read-zeroes=on,"
                    + "inject-error.0.event=none,inject-error.0.sector=8192,inject-error.0.errno=5",
                "-device", "virtio-blk-pci,id=bad0,drive=bad,rerror=stop,werror=stop",
            ],
        });
        var pid = guest.ProcessId.ToString(CultureInfo.InvariantCulture);
        // The guest stops within its answer, or after it.
        var reading = guest.RunAsync(
            "dd if=/dev/vda of=/dev/null bs=64k skip=64 count=1 iflag=direct 2>/dev/null & sleep 1", TimeSpan.FromMinutes(10));
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while ((await guest.Qmp.ExecuteAsync("query-status")).GetProperty("status").GetString() != "io-error")
            await Task.Delay(50, limit.Token);

        var text = await VirtapProcess.RunAsync("why", pid);
        var json = await VirtapProcess.RunAsync("why", pid, "--json");

        Assert.Equal((2, ""), (text.Status, text.Error));
        Assert.Contains("the machine: PAUSED", text.Output, StringComparison.Ordinal);
        Assert.Contains("QEMU has paused it after an I/O error of a disk", text.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("healthy", text.Output, StringComparison.Ordinal);
        var device = Assert.Single(JsonDocument.Parse(json.Output).RootElement.GetProperty("devices").EnumerateArray());
        var paused = device.GetProperty("verdicts").EnumerateArray()
            .Single(verdict => verdict.GetProperty("verdict").GetString() == "paused");
        Assert.InRange(paused.GetProperty("since").GetDateTimeOffset(), DateTimeOffset.Now.AddMinutes(-5), DateTimeOffset.Now);
        _ = reading.ContinueWith(
            task => task.Exception, TestContext.Current.CancellationToken, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
    }

    [Fact]
    public async Task A_vhost_user_backend_that_was_killed_is_missed_and_no_kick_is_called_lost()
    {
        await Requirements.InspectingAsync();
        await Requirements.GuestAsync();
        Requirements.Program("qemu-storage-daemon");
        var directory = Directory.CreateTempSubdirectory("virtap-backend-").FullName;
        var socket = Path.Combine(directory, "socket");
        using var backend = Command.Start("qemu-storage-daemon", [
            "--blockdev", "driver=null-co,node-name=store,size=1073741824,read-zeroes=on",
            "--export", $"type=vhost-user-blk,id=export0,node-name=store,addr.type=unix,addr.path={socket},writable=on"]);
        try
        {
            while (!File.Exists(socket) && !backend.HasExited)
                await Task.Delay(20, TestContext.Current.CancellationToken);
            await using var guest = await Guest.StartAsync(new GuestOptions
            {
                Devices =
                [
                    .. GuestOptions.Disk,
                    "-object", "memory-backend-memfd,id=shared0,size=512M,share=on", "-machine", "memory-backend=shared0",
                    "-chardev", $"socket,id=vhost0,path={socket},reconnect=1",
                    "-device", "vhost-user-blk-pci,id=far0,chardev=vhost0,num-queues=1",
                ],
            });
            var pid = guest.ProcessId.ToString(CultureInfo.InvariantCulture);
            var before = await VirtapProcess.RunAsync("why", pid);
            backend.Kill();
            await backend.WaitForExitAsync(TestContext.Current.CancellationToken);
            await guest.RunAsync("dd if=/dev/vdb of=/dev/null bs=64k count=1 iflag=direct 2>/dev/null & sleep 1");

            var after = await VirtapProcess.RunAsync("why", pid);
            var list = await VirtapProcess.RunAsync("ls", pid);

            Assert.Matches(@"(?m)^  far0 .* vhost, not at work ", list.Output);
            Assert.Equal((0, ""), (before.Status, before.Error));
            Assert.Equal((2, ""), (after.Status, after.Error));
            Assert.Contains("BACKEND GONE", after.Output, StringComparison.Ordinal);
            Assert.Contains($"no process listens on {socket}", after.Output, StringComparison.Ordinal);
            Assert.DoesNotContain("LOST KICK", after.Output, StringComparison.Ordinal);
            Assert.Contains($"disk0 (virtio-blk, QEMU {pid}): healthy", after.Output, StringComparison.Ordinal);
        }
        finally
        {
            if (!backend.HasExited)
                backend.Kill();
            Directory.Delete(directory, recursive: true);
        }
    }

    [Fact]
    public async Task A_device_that_is_not_there_is_refused_with_the_names_of_those_that_are()
    {
        await Requirements.InspectingAsync();
        await Requirements.GuestAsync();
        await using var guest = await Guest.StartAsync(new GuestOptions { StartPaused = true });

        var result = await VirtapProcess.RunAsync("why", guest.ProcessId.ToString(CultureInfo.InvariantCulture), "disk7");

        Assert.Equal((1, ""), (result.Status, result.Output));
        Assert.Equal(
            $"error: no virtio device is called disk7 in process {guest.ProcessId}; there are vdev:{guest.ProcessId}/disk0 (virtio-blk)\n",
            result.Error);
    }
}
