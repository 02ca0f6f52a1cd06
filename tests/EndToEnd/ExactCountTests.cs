using System.Globalization;
using System.Text.RegularExpressions;
using Virtap.EndToEnd.Guests;
using Virtap.EndToEnd.Targets;

namespace Virtap.EndToEnd;

/// <summary>Every event is counted, none twice: against the counts of the traced programs themselves.</summary>
public class ExactCountTests(ITestOutputHelper output)
{
    [Fact]
    public async Task Marks_counted_over_a_whole_guest_run_equal_those_in_QEMUs_own_trace_log()
    {
        await Requirements.AttachingAsync();
        await Requirements.GuestAsync();
        await using var guest = await Guest.StartAsync(new GuestOptions
        {
            StartPaused = true,
            Trace = ["virtio_blk_req_complete", "virtio_notify_irqfd"],
        });
        await using var virtap = await VirtapProcess.AttachAsync("-e",
            $$"""
            global completions, notifications
            probe process("{{Guest.Qemu}}").mark("virtio_blk_req_complete") { if (pid() == $1) completions++ }
            probe process("{{Guest.Qemu}}").mark("virtio_notify_irqfd") { if (pid() == $1) notifications++ }
            probe end { printf("%d %d\n", completions, notifications) }
            """,
            guest.ProcessId.ToString(CultureInfo.InvariantCulture));

        await guest.ResumeAsync();
        var fio = await guest.FioAsync("--rw=randrw --bs=4k --ioengine=libaio --iodepth=32 --number_ios=20000");
        var log = await guest.PowerOffAsync();
        var counted = await virtap.InterruptAsync();

        output.WriteLine($"figure: {log.Count("virtio_blk_req_complete")} completions in QEMU's log, fio issued {fio.Total}");
        Assert.Equal($"{log.Count("virtio_blk_req_complete")} {log.Count("virtio_notify_irqfd")}\n", counted.Output);
        Assert.Equal(0, fio.Error);
        Assert.DoesNotContain("WARNING", counted.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task With_a_target_a_program_is_probed_in_that_and_what_descends_from_it_alone()
    {
        await Requirements.AttachingAsync();
        string path = await BusyProgram.ExecutableAsync();
        const string script = "global n probe process(@1).mark(\"step\") { n[pid() == target()]++ } "
            + "probe end { foreach ([own] in n) printf(\"%d %d\\n\", own, n[own]) }";
        await using var other = await BusyProgram.StartAsync(threads: 1, seconds: 1);
        await using var target = await BusyProgram.StartAsync(threads: 1, seconds: 1);
        await using var virtap = await VirtapProcess.AttachAsync(
            "-x", target.Id.ToString(CultureInfo.InvariantCulture), "-e", script, path);
        await other.GoAsync();
        await target.GoAsync();
        Assert.True(await other.HitsAsync() > 0);
        long hits = await target.HitsAsync();
        Assert.Equal($"1 {hits}\n", (await virtap.InterruptAsync()).Output);

        // A child of the command's, while the other program runs once more.
        await using var beside = await BusyProgram.StartAsync(threads: 1, seconds: 1);
        await beside.GoAsync();
        CommandResult command = await VirtapProcess.RunAsync(
            "run", "-c", $"sh -c 'echo | {path} 1 1; true'", "-e", script, path);
        Match counted = Regex.Match(command.Output, "^semaphore 0x[0-9a-f]+\nhits ([0-9]+)\n0 ([0-9]+)\n$");
        Assert.True(counted.Success, command.Output);
        Assert.Equal(counted.Groups[1].Value, counted.Groups[2].Value);
    }

    [Fact]
    public async Task Completions_of_one_disk_equal_the_requests_that_fio_issued_to_it()
    {
        await Requirements.AttachingAsync();
        await Requirements.GuestAsync();
        await using var guest = await Guest.StartAsync(new GuestOptions());
        await using var virtap = await VirtapProcess.AttachAsync("-x", guest.ProcessId.ToString(CultureInfo.InvariantCulture), "-e",
            $$"""
            global completions
            probe process("{{Guest.Qemu}}").mark("virtio_blk_req_complete") { if ($vdev == $1) completions++ }
            probe end { printf("%d\n", completions) }
            """,
            "vdev:disk0");

        var fio = await guest.FioAsync("--rw=randread --bs=4k --ioengine=libaio --iodepth=128 --number_ios=30000");
        var counted = await virtap.InterruptAsync();

        Assert.Equal(30000, fio.Total);
        Assert.Equal($"{fio.Total}\n", counted.Output);
    }

    [Theory]
    [InlineData("n++", "n")]
    [InlineData("n += 1; if ($arg2 < 0) printf(\"%d\\n\", $arg2)", "n")]
    [InlineData("by_thread[$arg1]++", "by_thread[0] + by_thread[1]")]
    public async Task Two_busy_threads_with_SDT_marks_are_counted_exactly_for_ten_seconds(string statement, string total)
    {
        await Requirements.AttachingAsync();
        await using var busy = await BusyProgram.StartAsync(threads: 2, seconds: 10);
        await using var virtap = await VirtapProcess.AttachAsync("-e",
            $$"""
            global n, by_thread
            probe process("{{await BusyProgram.ExecutableAsync()}}").mark("step") { {{statement}} }
            probe end { printf("%d\n", {{total}}) }
            """);

        await busy.GoAsync();
        var hits = await busy.HitsAsync();
        var counted = await virtap.InterruptAsync();

        output.WriteLine($"figure: {hits} hits in ten seconds by two threads ({statement})");
        Assert.Equal($"{hits}\n", counted.Output);
        Assert.DoesNotContain("WARNING", counted.Error, StringComparison.Ordinal);
        Assert.Equal(0, counted.Status);
    }
}
