using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text.Json;
using Virtap.EndToEnd.Guests;

namespace Virtap.EndToEnd;

/// <summary>
/// <c>virtap ls</c> on a QEMU that has not run an instruction yet: what is there is known from its command line, and from QMP.
/// </summary>
public class ListTests
{
    [Fact]
    public async Task Ls_names_the_disk_with_its_backend_its_iothread_and_its_place()
    {
        await Requirements.InspectingAsync();
        await Requirements.GuestAsync();
        await using var guest = await Guest.StartAsync(new GuestOptions { StartPaused = true });
        var pid = guest.ProcessId.ToString(CultureInfo.InvariantCulture);

        var text = await VirtapProcess.RunAsync("ls");
        var json = await VirtapProcess.RunAsync("ls", pid, "--json");

        Assert.Equal((0, 0), (text.Status, json.Status));
        Assert.Matches($@"(?m)^{pid}  \(no name\)  QEMU [0-9.]+.*, 1 vCPU, up [0-9.]+ m?s, {Guest.Qemu}$", text.Output);
        Assert.Matches(@"(?m)^  disk0 +virtio-blk  backing0  iothread0  pci\.0/02\.0  0x[0-9a-f]+  1 x 128  no driver$", text.Output);
        var device = Assert.Single(
            JsonDocument.Parse(json.Output).RootElement.GetProperty("machines")[0].GetProperty("devices").EnumerateArray());
        var truth = Assert.Single((await guest.Qmp.ExecuteAsync("x-query-virtio")).EnumerateArray());
        Assert.Equal(truth.GetProperty("path").GetString(), device.GetProperty("qomPath").GetString());
        Assert.Equal(truth.GetProperty("name").GetString(), device.GetProperty("kind").GetString());
        Assert.Equal("disk0", device.GetProperty("id").GetString());
        Assert.Empty(device.GetProperty("features").EnumerateArray());
        Assert.Contains("event_idx", device.GetProperty("offeredFeatures").EnumerateArray().Select(f => f.GetString()));
    }

    [Fact]
    public async Task Names_are_checked_with_a_QMP_socket_that_is_free()
    {
        await Requirements.InspectingAsync();
        await Requirements.GuestAsync();
        var folder = Directory.CreateTempSubdirectory("virtap-ls-");
        try
        {
            var socket = Path.Combine(folder.FullName, "qmp");
            await using var guest = await Guest.StartAsync(
                new GuestOptions { StartPaused = true, Devices = [.. GuestOptions.Disk, "-qmp", $"unix:{socket},server=on,wait=off"] });
            var pid = guest.ProcessId.ToString(CultureInfo.InvariantCulture);

            var free = await VirtapProcess.RunAsync("ls", "-l", pid);
            using (var somebody = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
            {
                await somebody.ConnectAsync(new UnixDomainSocketEndPoint(socket), TestContext.Current.CancellationToken);
                Assert.NotEqual(0, await somebody.ReceiveAsync(new byte[1000], TestContext.Current.CancellationToken));
                var taken = await VirtapProcess.RunAsync("ls", pid, "--json");
                Assert.Equal(
                    (0, JsonValueKind.Null),
                    (taken.Status, JsonDocument.Parse(taken.Output).RootElement.GetProperty("machines")[0].GetProperty("qmp").ValueKind));
            }

            Assert.Equal(0, free.Status);
            Assert.EndsWith($"  names are as QMP says ({socket})\n", free.Output, StringComparison.Ordinal);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task Ls_of_a_process_that_is_not_there_says_so()
    {
        await Requirements.InspectingAsync();

        var result = await VirtapProcess.RunAsync("ls", "4194305");

        Assert.Equal((1, "", "error: there is no process 4194305\n"), (result.Status, result.Output, result.Error));
    }

    // The disk is read of before the device is made, and does not answer for fifty minutes.
    [Fact]
    public async Task Whoever_asks_for_a_device_of_a_QEMU_that_still_starts_is_told_so_and_what_it_waits_for()
    {
        await Requirements.InspectingAsync();
        Requirements.ExistingFile(Guest.Qemu);
        var start = new ProcessStartInfo(Guest.Qemu, [
            "-display", "none", "-nodefaults", "-S", "-blockdev", "driver=null-co,node-name=silent0,latency-ns=3000000000000",
            "-device", "virtio-rng-pci,id=random0", "-device", "virtio-blk-pci,id=stuck0,drive=silent0"]);
        using var qemu = Process.Start(start)!;
        try
        {
            var id = qemu.Id.ToString(CultureInfo.InvariantCulture);
            string[][] questions =
            [
                ["vq", id, "stuck0"], ["print", id, "vdev(stuck0)"],
                ["run", "-e", "probe begin { println($1) exit() }", $"vdev:{id}/stuck0"],
            ];
            foreach (var question in questions)
            {
                // Until it has begun to make the devices, nobody knows of them.
                var answer = await VirtapProcess.RunAsync(question);
                for (var tries = 0; tries < 300 && !(answer.Error.Contains("there are ", StringComparison.Ordinal)
                    && answer.Error.Contains("stuck0 (virtio-blk-device", StringComparison.Ordinal)); tries++)
                {
                    await Task.Delay(100, TestContext.Current.CancellationToken);
                    answer = await VirtapProcess.RunAsync(question);
                }

                Assert.Equal(1, answer.Status);
                Assert.Contains($"no virtio device is called stuck0 in process {id}; there are ", answer.Error, StringComparison.Ordinal);
                Assert.Contains($"; QEMU {id} is still starting: its main thread ", answer.Error, StringComparison.Ordinal);
                Assert.Contains(
                    ", and has not finished stuck0 (virtio-blk-device, whose backend is silent0)", answer.Error, StringComparison.Ordinal);
            }
        }
        finally
        {
            qemu.Kill();
            await qemu.WaitForExitAsync(TestContext.Current.CancellationToken);
        }
    }
}
