using System.Globalization;
using Virtap.EndToEnd.Guests;

namespace Virtap.EndToEnd;

/// <summary>
/// The aliases of QEMU's own tapset, which Debian does not ship, made of the marks that were recovered from the QEMU: used as
/// qemu-trace-stap uses them.
/// </summary>
public class QemuAliasTests
{
    private static readonly string[] Events =
        ["virtio_blk_req_complete", "virtio_blk_rw_complete", "virtio_blk_handle_read", "virtio_blk_handle_write"];

    [Fact]
    public async Task The_log_of_QEMUs_tapset_is_what_QEMU_itself_logs()
    {
        await Requirements.AttachingAsync();
        await Requirements.GuestAsync();
        await using var guest = await Guest.StartAsync(new GuestOptions { StartPaused = true, Trace = [.. Events] });
        var script = string.Concat(Events.Select(name => $"probe qemu.system.x86_64.log.{name} {{}} "));
        await using var virtap = await VirtapProcess.AttachAsync(
            "-s", "8", "-x", guest.ProcessId.ToString(CultureInfo.InvariantCulture), "-e", script);

        await guest.ResumeAsync();
        await guest.FioAsync("--rw=randrw --bs=4k --ioengine=libaio --iodepth=16 --number_ios=400");
        var log = await guest.PowerOffAsync();
        var printed = await virtap.InterruptAsync();

        Assert.Equal(0, printed.Status);
        var start = $"{guest.ProcessId}@";
        var lines = printed.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        // Guests of other tests may run beside: -x is about this one alone.
        Assert.All(lines, line => Assert.StartsWith(start, line, StringComparison.Ordinal));
        // Two threads' lines may be written in another order than they came about.
        var expected = log.Lines.Select(line => $"{line.Name} {line.Text}".TrimEnd()).Order(StringComparer.Ordinal).ToList();
        Assert.True(expected.Count > 1000, $"{expected.Count} lines are too few to show anything.");
        Assert.Equal(expected, lines.Select(line => line[(line.IndexOf(' ') + 1)..].TrimEnd()).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("qemu.system.x86_64.log.virtio_blk_req_*", "qemu.system.x86_64.log.virtio_blk_req_complete\n")]
    [InlineData("qemu.kvm.virtio_blk_req_complete", "qemu.kvm.virtio_blk_req_complete\n")]
    [InlineData("qemu.*.*.virtio_blk_req_complete", "qemu.system.x86_64.virtio_blk_req_complete\n")]
    public async Task They_are_listed_by_the_names_that_were_asked_for(string pattern, string contains)
    {
        Requirements.Program("qemu-system-x86_64");
        var list = await VirtapProcess.RunAsync("run", "-I", "/nonexistent", "-l", pattern);
        Assert.Equal(0, list.Status);
        Assert.Contains(contains, list.Output);
    }

    [Fact]
    public async Task A_tapset_that_somebody_has_installed_goes_first()
    {
        await Requirements.AttachingAsync();
        Requirements.Program("qemu-system-x86_64");
        var folder = Directory.CreateTempSubdirectory("virtap-tapset").FullName;
        try
        {
            await File.WriteAllTextAsync(
                Path.Combine(folder, "qemu.stp"),
                "probe qemu.system.x86_64.virtio_notify = begin { vdev = 7 }", TestContext.Current.CancellationToken);
            // The other one, which nobody has installed, is made; the installed one stays the only one of its name.
            var run = await Command.RunAsync(
                "/usr/bin/env",
                [
                    $"SYSTEMTAP_TAPSET={folder}", VirtapProcess.Binary, "run", "-e",
                    "probe qemu.system.x86_64.virtio_notify { println(vdev) } probe qemu.system.x86_64.virtio_queue_notify { println(n) } "
                        + "probe begin(1) { exit() }",
                ]);
            Assert.Equal((0, "7\n", ""), (run.Status, run.Output, run.Error));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task Arguments_have_their_names_and_what_is_no_event_is_refused()
    {
        Requirements.Program("qemu-system-x86_64");
        const string Script = "probe qemu.system.x86_64.virtio_notify { printf(\"%p %p\\n\", vdev, vq) }";
        Assert.Equal(0, (await VirtapProcess.RunAsync("run", "-p2", "-e", Script)).Status);
        foreach (var (point, hint) in new[]
            {
                ("qemu.system.x86_64.virtio_notifi", "qemu-system-x86_64 has virtio_notify"),
                ("qemu.nosuch.virtio_notify", "aliases of QEMU's marks begin with qemu."),
            })
        {
            var refused = await VirtapProcess.RunAsync("run", "-p2", "-e", $"probe {point} {{ }}");
            Assert.Equal(1, refused.Status);
            Assert.Contains("'qemu' at", refused.Error);
            Assert.Contains(hint, refused.Error);
        }
    }
}
