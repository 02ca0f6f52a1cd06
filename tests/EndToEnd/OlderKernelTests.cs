using System.Globalization;
using Virtap.EndToEnd.Guests;
using Virtap.EndToEnd.Targets;

namespace Virtap.EndToEnd;

/// <summary>Virtap inside the guest, on Debian's 6.1 kernel: before uprobe_multi links.</summary>
public class OlderKernelTests(ITestOutputHelper output)
{
    [Fact]
    public async Task Marks_are_counted_exactly_on_Debians_kernel()
    {
        await Requirements.AttachingAsync();
        await Requirements.GuestAsync();
        await using var guest = await Guest.StartAsync(new GuestOptions
        {
            Memory = 1024,
            Files = new Dictionary<string, string>
            {
                ["/bin/virtap"] = VirtapProcess.Binary,
                ["/bin/busy"] = await BusyProgram.ExecutableAsync(),
            },
        });
        var kernel = await guest.RunAsync("uname -r");
        output.WriteLine($"figure: the guest's kernel is {kernel.Output.Trim()}");
        Assert.StartsWith("6.1.", kernel.Output, StringComparison.Ordinal);

        var run = await guest.RunAsync(
            """
            virtap run -c 'sh -c "echo | busy 2 2"' -e 'global n probe process("/bin/busy").mark("step") { n++ } probe end { printf("counted %d\n", n) }'
            """.Trim());

        Assert.True(run.Status == 0, run.Output);
        Assert.Equal(Figure(run.Output, "hits "), Figure(run.Output, "counted "));
        Assert.DoesNotContain("WARNING", run.Output, StringComparison.Ordinal);
    }

    private static long Figure(string text, string label) =>
        long.Parse(
            text.Split('\n')
            .Single(line => line.StartsWith(label, StringComparison.Ordinal))[label.Length..], CultureInfo.InvariantCulture);
}
