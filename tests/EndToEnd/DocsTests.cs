using System.Globalization;
using System.Text.RegularExpressions;
using Virtap.EndToEnd.Guests;

namespace Virtap.EndToEnd;

/// <summary>
/// Every command that the guides show is run: the lines that begin with <c>$ </c> (and go on with <c>&gt; </c>) in their <c>console</c>
/// blocks, on a guest with a disk at work (disk0) and one that hangs (data0). The lines below a command must come out in that order;
/// numbers may differ, and <c>...</c> stands for any lines, or for any part of one.
/// </summary>
public partial class DocsTests(ITestOutputHelper output)
{
    public static TheoryData<string> Pages() =>
        [.. Directory.GetFiles(Repository.PathOf("docs", "guide"), "*.md").Select(path => Path.GetFileName(path))
            .Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Pages))]
    public async Task What_a_guide_shows_is_what_happens(string page)
    {
        var blocks = Blocks(await File.ReadAllLinesAsync(Repository.PathOf("docs", "guide", page), TestContext.Current.CancellationToken));
        Assert.NotEmpty(blocks);
        await Requirements.AttachingAsync();
        await Requirements.GuestAsync();
        await Requirements.NoOtherQemuAsync();
        if (blocks.Any(block => block.Command.StartsWith("gcore ", StringComparison.Ordinal)))
            Requirements.Program("gcore");
        await using var guest = await Guest.StartAsync(new GuestOptions
        {
            Devices =
            [
                "-name", "web01", .. GuestOptions.Disk,
                "-object", "throttle-group,id=throttle0",
                "-blockdev",
                "driver=throttle,node-name=store0,throttle-group=throttle0,file.driver=null-co,file.size=1073741824,file.read-zeroes=on",
                "-device", "virtio-blk-pci,id=data0,drive=store0",
            ],
        });
        await guest.RunAsync(
            "fio --name=busy --filename=/dev/vda --direct=1 --rw=randread --bs=4k --ioengine=libaio --iodepth=32 --time_based "
                + "--runtime=600 >/dev/null 2>&1 &");
        await BusyAsync(guest);
        await guest.Qmp.ExecuteAsync("qom-set", """{"path": "/objects/throttle0", "property": "limits", "value": {"bps-total": 1024}}""");
        await guest.RunAsync("dd if=/dev/vdb of=/dev/null bs=64k count=2 iflag=direct 2>/dev/null & sleep 0.5");

        foreach (var (command, expected) in blocks)
        {
            var script =
                $"export PATH={Repository.PathOf("out")}:$PATH PID={guest.ProcessId.ToString(CultureInfo.InvariantCulture)}; {{ "
                    + $"{command}\n}} 2>&1";
            var result = await Command.RunAsync("/bin/bash", ["-c", script]);
            output.WriteLine($"$ {command}\n{result.Output}");
            Compare(command, expected, result.Output.Split('\n'));
        }
    }

    /// <summary>Waits until fio is at work: on a slow machine it takes its time to start.</summary>
    private static async Task BusyAsync(Guest guest)
    {
        for (var i = 0; i < 300; i++)
        {
            var statistics = await guest.Qmp.ExecuteAsync("query-blockstats");
            if (statistics.EnumerateArray().Any(device => device.GetProperty("stats").GetProperty("rd_operations").GetInt64() > 1000))
                return;
            await Task.Delay(100, TestContext.Current.CancellationToken);
        }

        throw new TimeoutException("fio did not start in the guest");
    }

    private static void Compare(string command, IReadOnlyList<string> expected, string[] actual)
    {
        var at = 0;
        foreach (var line in expected.Where(line => line.Trim() is not ("..." or "")))
        {
            var wanted = new Regex("^" + Regex.Escape(Shape(line)).Replace(@"\.\.\.", ".*", StringComparison.Ordinal) + "$");
            while (at < actual.Length && !wanted.IsMatch(Shape(actual[at])))
                at++;
            Assert.True(at++ < actual.Length, $"$ {command}\nthere is no line such as\n{line}\nin\n{string.Join('\n', actual)}");
        }
    }

    /// <summary>
    /// A line without what differs from run to run: numbers, units of scale, addresses, the width of columns and of bars; and whether a
    /// queue at work was seen to work in the moment of a look, which is up to how busy this machine is.
    /// </summary>
    private static string Shape(string line) =>
        Blanks().Replace(Numbers().Replace(line, "N"), " ").TrimEnd('#', ' ').TrimStart()
            .Replace("queue idle", "queue working", StringComparison.Ordinal);

    private static List<(string Command, IReadOnlyList<string> Expected)> Blocks(string[] lines)
    {
        var blocks = new List<(string, IReadOnlyList<string>)>();
        List<string>? expected = null;
        var inside = false;
        foreach (var line in lines)
        {
            if (line.StartsWith("```", StringComparison.Ordinal))
                (inside, expected) = (line == "```console", null);
            else if (inside && line.StartsWith("$ ", StringComparison.Ordinal))
                blocks.Add((line[2..], expected = []));
            else if (inside && line.StartsWith("> ", StringComparison.Ordinal) && blocks is [.. , var (command, _)])
                blocks[^1] = ($"{command}\n{line[2..]}", expected!);
            else
                expected?.Add(line);
        }

        return blocks;
    }

    [GeneratedRegex(@"(>=)?(0x[0-9a-f]+|\b[0-9a-f]{9,}\b|\b\d[\d.,:/-]*)( ?([kMG]|ns|µs|ms|s)\b)?")]
    private static partial Regex Numbers();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blanks();
}
