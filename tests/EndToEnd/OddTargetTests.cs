using System.Diagnostics;
using System.Globalization;
using Virtap.EndToEnd.Guests;

namespace Virtap.EndToEnd;

/// <summary>Commands for devices, given what has none to show: each says so, and shows nothing.</summary>
public sealed class OddTargetTests : IAsyncDisposable
{
    private readonly List<Process> _processes = [];

    [Fact]
    public async Task A_QEMU_without_virtio_devices_is_listed_and_nothing_is_said_of_its_devices()
    {
        await Requirements.InspectingAsync();
        var pid = await StartQemuAsync("-name", "a,,b,debug-threads=on");

        var list = await VirtapProcess.RunAsync("ls", pid);

        Assert.Equal((0, ""), (list.Status, list.Error));
        Assert.Matches($"^{pid}  a,b  QEMU [0-9.]+ .*\n  no virtio devices\n$", list.Output);
        foreach (var command in (string[][])[["why", pid], ["vq", pid, "--once"], ["ring", pid]])
        {
            var result = await VirtapProcess.RunAsync(command);
            Assert.Equal((1, "", $"error: QEMU {pid} has no virtio device\n"), (result.Status, result.Output, result.Error));
        }
    }

    [Fact]
    public async Task A_program_that_is_no_QEMU_is_refused()
    {
        await Requirements.InspectingAsync();
        var pid = Start("/bin/sleep", "1000");
        var reason =
            $"process {pid} ({await TargetOfAsync(pid)}) exports no function virtio_get_queue: it is no QEMU system emulator with virtio, "
                + "or one built without exported symbols";

        var list = await VirtapProcess.RunAsync("ls", pid);
        var why = await VirtapProcess.RunAsync("why", pid);

        Assert.Equal((1, ""), (list.Status, list.Error));
        Assert.Contains($"devices cannot be shown: {reason}", list.Output, StringComparison.Ordinal);
        Assert.Contains("not known to be a QEMU", list.Output, StringComparison.Ordinal);
        Assert.Equal((1, "", $"error: {reason}\n"), (why.Status, why.Output, why.Error));
    }

    [Fact]
    public async Task Of_several_QEMUs_each_is_listed_and_a_name_that_two_have_needs_the_process_too()
    {
        await Requirements.InspectingAsync();
        string[] disk = ["-blockdev", "driver=null-co,node-name=backing0", "-device", "virtio-blk-pci,id=twin0,drive=backing0"];
        var one = await StartQemuAsync(["-name", "guest=one,process=one", .. disk]);
        var two = await StartQemuAsync(["-name", "two", .. disk]);

        var list = await VirtapProcess.RunAsync("ls");
        var why = await VirtapProcess.RunAsync("why", "twin0");
        var first = await VirtapProcess.RunAsync("why", one, "twin0");

        Assert.Contains($"\n{one}  one  QEMU ", "\n" + list.Output, StringComparison.Ordinal);
        Assert.Contains($"\n{two}  two  QEMU ", "\n" + list.Output, StringComparison.Ordinal);
        Assert.Equal((1, ""), (why.Status, why.Output));
        Assert.StartsWith("error: several devices are called twin0; say which: ", why.Error, StringComparison.Ordinal);
        Assert.Contains($"vdev:{one}/twin0 (virtio-blk)", why.Error, StringComparison.Ordinal);
        Assert.Contains($"vdev:{two}/twin0 (virtio-blk)", why.Error, StringComparison.Ordinal);
        Assert.Equal((2, ""), (first.Status, first.Error));
        Assert.StartsWith($"twin0 (virtio-blk, QEMU {one}): something is wrong", first.Output, StringComparison.Ordinal);
        Assert.Contains("The guest has not been started yet", first.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_QEMU_that_is_stopped_is_not_said_to_be_idle()
    {
        await Requirements.InspectingAsync();
        var pid = await StartQemuAsync("-device", "virtio-balloon-pci,id=balloon0");
        await Command.RunAsync("/bin/kill", ["-STOP", pid]);

        var why = await VirtapProcess.RunAsync("why", pid, "--seconds", "0.5");
        var json = await VirtapProcess.RunAsync("why", pid, "--seconds", "0.5", "--json");

        Assert.Equal((2, ""), (why.Status, why.Error));
        Assert.Contains("the device: STOPPED (certain", why.Output, StringComparison.Ordinal);
        Assert.Contains($"QEMU's main loop (thread {pid}): stopped by a signal in ", why.Output, StringComparison.Ordinal);
        Assert.Contains($"kill -CONT {pid} lets it go on", why.Output, StringComparison.Ordinal);
        Assert.Contains("\"verdict\": \"stopped\"", json.Output, StringComparison.Ordinal);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var process in _processes)
        {
            process.Kill();
            await process.WaitForExitAsync();
            process.Dispose();
        }
    }

    private string Start(string program, params IEnumerable<string> arguments)
    {
        var process = Command.Start(program, arguments);
        _processes.Add(process);
        return process.Id.ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>Starts a QEMU that does not run its guest, and waits until its machine is there: then it answers on its monitor.</summary>
    private async Task<string> StartQemuAsync(params IEnumerable<string> arguments)
    {
        Requirements.Program("qemu-system-x86_64");
        var pid = Start(Guest.Qemu, ["-S", "-m", "64", "-nodefaults", "-display", "none", "-monitor", "stdio", .. arguments]);
        await _processes[^1].StandardOutput.ReadLineAsync();
        await _processes[^1].StandardInput.WriteLineAsync("info version");
        await _processes[^1].StandardInput.FlushAsync();
        while (await _processes[^1].StandardOutput.ReadLineAsync() is { } line && !char.IsAsciiDigit(line.FirstOrDefault()))
        {
        }

        return pid;
    }

    private static async Task<string> TargetOfAsync(string pid) =>
        (await Command.RunAsync("/bin/readlink", [$"/proc/{pid}/exe"])).Output.Trim();
}
