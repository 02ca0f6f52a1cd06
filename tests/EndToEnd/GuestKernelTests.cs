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
    }

    private static long Figure(string text, string label) =>
        long.Parse(
            text.Split('\n')
            .Single(line => line.StartsWith(label, StringComparison.Ordinal))[label.Length..], CultureInfo.InvariantCulture);
}
