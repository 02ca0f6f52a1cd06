using System.Globalization;
using System.Security.Cryptography;
using Virtap.EndToEnd.Guests;

namespace Virtap.EndToEnd;

/// <summary>The script that started it all, as it was written for SystemTap.</summary>
public class NotesScriptTests(ITestOutputHelper output)
{
    // Lines that the script prints.
    private const int Enough = 10;

    private static readonly string Script = Repository.PathOf("examples", "virtio.stap");

    [Fact]
    public async Task The_notes_script_has_not_been_touched()
    {
        var hash = Convert.ToHexStringLower(SHA256.HashData(await File.ReadAllBytesAsync(Script, TestContext.Current.CancellationToken)));
        Assert.Equal("80e3f87e5e885453389f77b03b05f5678658a731e79ba51c845a2eace229794a", hash);
    }

    [Fact]
    public async Task The_notes_script_prints_what_QEMUs_own_trace_log_says_it_must()
    {
        await Requirements.AttachingAsync();
        await Requirements.GuestAsync();
        await using var guest = await Guest.StartAsync(new GuestOptions
        {
            StartPaused = true,
            SharesOneCpu = true,
            Trace = ["virtio_blk_req_complete", "virtio_notify_irqfd"],
        });
        await using var virtap = await VirtapProcess.AttachAsync(
            "-x", guest.ProcessId.ToString(CultureInfo.InvariantCulture),
            "--exe", "/usr/libexec/qemu-kvm=" + Guest.Qemu, Script, "vdev:disk0");

        await guest.ResumeAsync();
        // How many notifications pass the script's threshold is the scheduler's doing: until some lines have come.
        for (var round = 0; round < 10 && virtap.Output.Count <= Enough + 1; round++)
        {
            await guest.FioAsync(Guest.WholeQueues);
            await Task.Delay(500, TestContext.Current.CancellationToken);
        }

        var log = await guest.PowerOffAsync();
        var printed = await virtap.InterruptAsync();

        var expected = Expected(log);
        output.WriteLine($"figure: the notes' script printed {expected.Count - 1} lines of notifications");
        Assert.True(expected.Count > Enough, "The workload's completions were not coalesced enough to show anything.");
        Assert.Equal(string.Concat(expected.Select(line => line + "\n")), printed.Output);
        Assert.Equal(0, printed.Status);
    }

    [Fact]
    public async Task A_QEMU_that_is_not_there_is_refused_with_the_names_of_those_that_are()
    {
        await Requirements.AttachingAsync();
        Requirements.Program("qemu-system-x86_64");
        // The notes' script, of a QEMU that no machine has where it says: the notes' own may be there.
        var elsewhere = Path.GetTempFileName();
        CommandResult refused;
        try
        {
            var script = await File.ReadAllTextAsync(Script, TestContext.Current.CancellationToken);
            script = script.Replace("/usr/libexec/qemu-kvm", "/usr/lib/qemu/qemu-kvm", StringComparison.Ordinal);
            await File.WriteAllTextAsync(elsewhere, script, TestContext.Current.CancellationToken);
            refused = await VirtapProcess.RunAsync("run", elsewhere, "0x1234");
        }
        finally
        {
            File.Delete(elsewhere);
        }

        Assert.NotEqual(0, refused.Status);
        Assert.Contains("/usr/lib/qemu/qemu-kvm", refused.Error, StringComparison.Ordinal);
        Assert.Contains(Guest.Qemu, refused.Error, StringComparison.Ordinal);
        Assert.Contains("--exe", refused.Error, StringComparison.Ordinal);
    }

    /// <summary>The script, played by hand over the log. There is one disk, so every line is about it.</summary>
    private static List<string> Expected(TraceLog log)
    {
        var lines = new List<string>();
        var count = 0;
        foreach (var line in log.Lines)
        {
            if (line.Name == "virtio_blk_req_complete")
            {
                count++;
                continue;
            }

            // vdev 0x55d2a8f1c2d0 vq 0x7f0a6c01b010
            var vdev = line.Text.Split(' ')[1]["0x".Length..];
            if (count > 120)
                lines.Add($"virtio_notify_irqfd, {count}, vdev = {vdev}");
            count = 0;
        }

        lines.Add($"count = {count}");
        return lines;
    }
}
