using System.Globalization;
using Virtap.EndToEnd.Guests;
using Virtap.EndToEnd.Targets;

namespace Virtap.EndToEnd;

/// <summary>Virtap inside the guest, on Debian's kernels: 6.1, before uprobe_multi links, and 6.12.</summary>
public class GuestKernelTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData("6.1.", "vmlinuz")]
    [InlineData("6.12.", "vmlinuz-6.12")]
    public async Task Marks_process_ends_and_system_calls_are_counted_exactly_on_Debians_kernels(string version, string file)
    {
        await Requirements.AttachingAsync();
        await Requirements.GuestAsync();
        Assert.SkipUnless(
            File.Exists(Repository.PathOf("out", "guest", file)), $"there is no out/guest/{file}: scripts/other-qemus fetches it");
        await using var guest = await Guest.StartAsync(new GuestOptions
        {
            Memory = 1024,
            Kernel = file,
            Files = new Dictionary<string, string>
            {
                ["/bin/virtap"] = VirtapProcess.Binary,
                ["/bin/busy"] = await BusyProgram.ExecutableAsync(),
                ["/bin/watched"] = await CompiledAsync("watched"),
            },
        });
        var kernel = await guest.RunAsync("uname -r");
        output.WriteLine($"figure: the guest's kernel is {kernel.Output.Trim()}");
        Assert.StartsWith(version, kernel.Output, StringComparison.Ordinal);

        var run = await guest.RunAsync(
            """
            virtap run -c 'sh -c "echo | busy 2 2"' -e 'global n, exits, ends
            probe process("/bin/busy").mark("step") { n++ }
            probe process("/bin/busy").end { ends++ }
            probe syscall.exit_group { if (execname() == "busy") exits++ }
            probe end { printf("counted %d\nends %d\nexits %d\n", n, ends, exits) }'
            """.Trim().ReplaceLineEndings(" "));

        Assert.True(run.Status == 0, run.Output);
        Assert.Equal(Figure(run.Output, "hits "), Figure(run.Output, "counted "));
        Assert.Equal((1, 1), (Figure(run.Output, "ends "), Figure(run.Output, "exits ")));
        Assert.DoesNotContain("WARNING", run.Output, StringComparison.Ordinal);
        await WatchpointsAreHitAsync(guest);
    }

    /// <summary>
    /// The guest's processor is QEMU's own, whose debug registers work, which not those of all virtual machines do. (Of two that watch the
    /// same bytes it tells of one.)
    /// </summary>
    private static async Task WatchpointsAreHitAsync(Guest guest)
    {
        var watched = await guest.RunAsync(
            """
            virtap run -c watched -e 'global written, touched, threads, places
            probe process.data("watched").length(8).write { written++; threads[tid() != pid()]++; places[uaddr()]++ }
            probe process.data("beside").length(8).rw { touched++ }
            probe end { foreach (at in places) placed += places[at] == written;
            printf("written %d\ntouched %d\nmain %d\nother %d\nplaced %d\n", written, touched, threads[0], threads[1], placed) }'
            """.Trim().ReplaceLineEndings(" "));
        Assert.True(watched.Status == 0, watched.Output);
        Assert.Equal(
            (42, 2, 30, 12, 1),
            (Figure(watched.Output, "written "), Figure(watched.Output, "touched "), Figure(watched.Output, "main "),
                Figure(watched.Output, "other "), Figure(watched.Output, "placed ")));

        var fifth = await guest.RunAsync(
            """
            virtap run -c watched -e 'probe process.data("watched").write, process.data("beside").write, process.data("beside").rw,
            process.data("watched").length(8).write, process.data("watched").rw { exit() }'
            """.Trim().ReplaceLineEndings(" "));
        Assert.Equal(1, fifth.Status);
        Assert.Contains("registers for watchpoints are all in use", fifth.Output, StringComparison.Ordinal);
    }

    private static async Task<string> CompiledAsync(string name)
    {
        Requirements.Program("gcc");
        string executable = Path.Combine(AppContext.BaseDirectory, name);
        var result = await Command.RunAsync("gcc",
            ["-O2", "-Wall", "-Werror", "-pthread", "-o", executable, Path.Combine(AppContext.BaseDirectory, "Targets", name + ".c")]);
        return result.Status == 0 ? executable : throw new InvalidOperationException(result.Error);
    }

    private static long Figure(string text, string label) =>
        long.Parse(
            text.Split('\n')
            .Single(line => line.StartsWith(label, StringComparison.Ordinal))[label.Length..], CultureInfo.InvariantCulture);
}
