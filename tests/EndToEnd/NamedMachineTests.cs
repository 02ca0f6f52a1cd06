using System.Globalization;
using System.Text.Json;

namespace Virtap.EndToEnd;

/// <summary>
/// The machine that the guides look at, as <c>guest/web01</c> boots it for who reads them; wherever a process id is taken for a machine,
/// its name is too.
/// </summary>
public class NamedMachineTests
{
    // Another such machine may run here.
    private static readonly string s_name = string.Create(CultureInfo.InvariantCulture, $"web{Environment.ProcessId}");

    [Fact]
    public async Task The_guides_machine_can_be_had_and_is_known_by_its_name()
    {
        await Requirements.AttachingAsync();
        await Requirements.GuestAsync();
        using var machine = Command.Start(Repository.PathOf("guest", "web01"), [s_name]);
        try
        {
            var said = await machine.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken);
            Assert.Equal($"PID={machine.Id}", said);
            await HangsAsync();
            await KnowItAsync(machine.Id.ToString(CultureInfo.InvariantCulture));
            await WhyEndsWithAVerdictAsync();
        }
        finally
        {
            Signals.Send(machine, "TERM");
            await machine.WaitForExitAsync(TestContext.Current.CancellationToken);
        }
    }

    private static async Task HangsAsync()
    {
        var why = new CommandResult(0, "", "");
        for (var i = 0; i < 100 && !why.Output.Contains("BACKEND STUCK", StringComparison.Ordinal); i++)
            why = await VirtapProcess.RunAsync("why", s_name, "data0");
        Assert.True(why.Status == 2, why.Output + why.Error);
    }

    private static async Task KnowItAsync(string id)
    {
        var stacks = await JsonAsync("stacks", s_name, "--json");
        Assert.Equal("running", stacks.GetProperty("runState").GetString());
        var threads = stacks.GetProperty("threads").EnumerateArray().ToArray();
        Assert.Single(threads, thread => thread.GetProperty("iothread").GetString() == "iothread0");
        Assert.Single(threads, thread => thread.GetProperty("vcpus").GetArrayLength() == 1);

        var coalescing = await JsonAsync("coalescing", s_name, "disk0", "--seconds", "1", "--json");
        Assert.Equal(
            coalescing.GetProperty("notifications").GetInt64(),
            coalescing.GetProperty("times").EnumerateArray().Sum(row => row[2].GetInt64()));
        Assert.Equal(id, (await JsonAsync("ls", s_name, "--json")).GetProperty("machines")[0].GetProperty("pid").ToString());
        foreach (var (line, answer) in ((string, string)[])
            [
                ($"vq {s_name} disk0 --once", "disk0"), ($"ring {s_name} data0", "data0"), ($"latency {s_name} disk0 -T 1", "disk0"),
                ($"print {s_name} 1+1", "2"), ($"marks {s_name} virtio_blk_req_complete", "virtio_blk_req_complete"),
                // Its QEMU has not named the thread so: all of them are called qemu-system-x86.
                ($"stacks {s_name} iothread0", "iothread0"),
                ($"run -x {s_name} -e probe\u00a0begin{{println(target())exit()}}", id),
                ("run -e probe\u00a0begin{printf(\"%x\",$1)exit()} vdev:" + s_name + "/disk0", "5"),
            ])
        {
            var result = await VirtapProcess.RunAsync([.. line.Split(' ').Select(word => word.Replace('\u00a0', ' '))]);
            Assert.True(result.Status == 0 && result.Output.Contains(answer, StringComparison.Ordinal), $"{line}: {result}");
        }

        var bare = await VirtapProcess.RunAsync("run", "-T", "1", "examples/coalescing.stp", "disk0");
        Assert.Equal(1, bare.Status);
        Assert.Contains("vdev:disk0 is the address of the device of that name", bare.Error, StringComparison.Ordinal);
    }

    // The time that it is given is longer than any test.
    private static async Task WhyEndsWithAVerdictAsync()
    {
        await using var why = TerminalCommand.Start(VirtapProcess.Binary, "why", s_name, "data0", "-s", "3000");
        await why.ShowsAsync("Ctrl-C ends it");
        await Task.Delay(500, TestContext.Current.CancellationToken);
        Assert.Equal(2, await why.InterruptAsync());
        Assert.Contains("BACKEND STUCK", why.Screen, StringComparison.Ordinal);
    }

    private static async Task<JsonElement> JsonAsync(params string[] arguments)
    {
        var result = await VirtapProcess.RunAsync(arguments);
        Assert.True(result.Status == 0, result.ToString());
        return JsonDocument.Parse(result.Output).RootElement;
    }
}
