using System.Globalization;
using System.Text.RegularExpressions;

namespace Virtap.EndToEnd.Arm64;

/// <summary>
/// Whatever signals end Virtap on aarch64, every word of code that it probed (<c>brk</c> for a probe) is the file's again afterwards, and
/// every semaphore is down: <see cref="TearDownTests"/> in short. Debian's kernel there has no links for many probes at once: each is one.
/// </summary>
[Collection(Arm64Collection.Name)]
public partial class Arm64EndTests(Arm64Machine machine, ITestOutputHelper output)
{
    // First signal, microseconds until the second. An end takes some ten seconds of an emulated machine.
    private static readonly (string First, int Microseconds, string Second)[] Few =
        [("INT", 3_000, "TERM"), ("HUP", 60_000, "KILL"), ("INT", 10_000, "KILL"), ("KILL", 0, "KILL")];

    private static (string First, int Microseconds, string Second)[] Ends => TearDownTests.TriesAll
        ? [.. Few, ("INT", 0, "INT"), ("TERM", 20_000, "INT"), ("TERM", 1_000, "KILL")] : Few;

    [Fact]
    public async Task Two_signals_leave_no_probe_and_no_semaphore()
    {
        var guest = await machine.GuestAsync();
        var started = await guest.RunAsync("many >/tmp/many & echo $!; sleep 1; cat /tmp/many");
        var (id, semaphores) = (started.Output.Split('\n')[0], started.Output.Split('\n')[1]);

        foreach (var (first, delay, second) in Ends)
        {
            var session = $"virtap run -v -x {id} -e 'global n probe process(\"/bin/many\").mark(\"*\") {{ n++ }}'";
            var end = await guest.RunAsync(
                $"ends {id} /bin/many {semaphores} {Arm64Machine.ManyMarks} {Number(first)} {delay} {Number(second)} {session}");
            var figures = Figures().Match(end.Output);
            Assert.True(figures.Success && end.Status == 0, $"{first}, {second} after {delay} µs: {end.Output}");
            // Each mark's nop is a breakpoint of four other bytes.
            Assert.Equal(4 * Arm64Machine.ManyMarks, int.Parse(figures.Groups["code"].Value, CultureInfo.InvariantCulture));
            Assert.Equal(Arm64Machine.ManyMarks, int.Parse(figures.Groups["raised"].Value, CultureInfo.InvariantCulture));
        }

        var alive = await guest.RunAsync($"kill {id}");
        Assert.Equal(0, alive.Status);
        output.WriteLine($"figure: {Ends.Length} ends by signals on aarch64, each with {Arm64Machine.ManyMarks} marks");
    }

    [GeneratedRegex(@"^traced: (?<code>\d+) bytes of code, (?<raised>\d+) semaphores\nafter: 0 bytes of code, 0 semaphores\n")]
    private static partial Regex Figures();

    private static int Number(string signal) => Signals.Numbers[signal];
}
