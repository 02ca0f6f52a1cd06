using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Virtap.EndToEnd.Targets;

namespace Virtap.EndToEnd;

/// <summary><c>virtap watch</c>: logpoints on a process that runs on.</summary>
public sealed class WatchTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("virtap-watch-").FullName;

    [Fact]
    public async Task A_whole_queue_is_read_at_each_hit()
    {
        await Requirements.AttachingAsync();
        using Process target = await StartAsync();
        var result = await VirtapProcess.RunAsync(
            "watch", Id(target), "-b", "virtio_notify_irqfd if vq->used_idx > 31900", "--print", "*vq", "/x vq->vring.num", "vdev->name",
            "--count", "3");
        Assert.Equal(0, result.Status);
        MatchCollection hits = Regex.Matches(
            result.Output, """
            ^[0-9:.]+ Thread \d+ "notes-queue" at virtio_notify_irqfd .*notes-queue\.c:\d+
            1: \*vq = \{vring = \{num = 128, .*, last_avail_idx = (?<taken>\d+), .*, used_idx = (?<used>\d+), .*vdev = 0x.*
            2: /x vq->vring\.num = 0x80
            3: vdev->name = 0x[0-9a-f]+ "virtio-blk"$
            """.ReplaceLineEndings("\n"), RegexOptions.Multiline);
        Assert.True(hits.Count == 3, result.Output);

        // The program counts both up before each of its calls: what was read is of one instant, and no call is missing between two.
        int[] used = [.. hits.Select(static hit => int.Parse(hit.Groups["used"].Value, CultureInfo.InvariantCulture))];
        Assert.All(hits, static hit => Assert.Equal(hit.Groups["used"].Value, hit.Groups["taken"].Value));
        Assert.Equal([used[0], used[0] + 1, used[0] + 2], used);
        await EndAsync(target);
    }

    [Fact]
    public async Task What_another_process_of_the_same_program_passes_is_not_shown()
    {
        await Requirements.AttachingAsync();
        using Process target = await StartAsync();
        using Process other = Command.Start(target.StartInfo.FileName, []);
        Assert.Equal("ready", await other.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken));

        // The other one is as fast: of so many hits half would be its.
        var result = await VirtapProcess.RunAsync("watch", Id(target), "-b", "virtio_notify_irqfd", "-p", "vq->vring.num", "-n", "40");

        MatchCollection hits = Regex.Matches(result.Output, @"(?m)^[0-9:.]+ Thread (\d+) ");
        Assert.Equal((0, 40), (result.Status, hits.Count));
        Assert.All(hits, hit => Assert.True(Directory.Exists($"/proc/{target.Id}/task/{hit.Groups[1].Value}"), hit.Value));
        await EndAsync(other);
        await EndAsync(target);
    }

    [Fact]
    public async Task Who_reads_no_more_ends_it()
    {
        await Requirements.AttachingAsync();
        using Process target = await StartAsync();
        var result = await Command.RunAsync(
            "/bin/sh", ["-c", $"{VirtapProcess.Binary} watch {Id(target)} -b virtio_notify_irqfd --print 'vq->vring.num' | head -n 1"]);
        Assert.Contains("at virtio_notify_irqfd", result.Output, StringComparison.Ordinal);
        Assert.Equal((0, "watching; Ctrl-C ends it\n"), (result.Status, result.Error));
        await EndAsync(target);
    }

    [Fact]
    public async Task It_ends_with_its_process()
    {
        await Requirements.AttachingAsync();
        using Process target = await StartAsync();
        var result = await Command.RunAsync(
            "/bin/sh",
            [
                "-c", $"{VirtapProcess.Binary} watch {Id(target)} -b 'virtio_notify_irqfd if vq->vring.num == 1' -p vq 2>&1 | "
                    + $"while read -r line; do echo \"$line\"; case $line in watching*) kill -KILL {Id(target)};; esac; done",
            ]);
        Assert.Equal($"watching; Ctrl-C ends it\nprocess {Id(target)} has ended\n", result.Output);
        await target.WaitForExitAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_place_is_a_line_too_and_what_is_not_there_is_told()
    {
        await Requirements.AttachingAsync();
        using Process target = await StartAsync();
        string[] source = await File.ReadAllLinesAsync(Source, TestContext.Current.CancellationToken);
        int line = Array.FindIndex(source, static each => each.Contains("notified++", StringComparison.Ordinal)) + 1;
        string place = string.Create(CultureInfo.InvariantCulture, $"notes-queue.c:{line}");
        var result = await VirtapProcess.RunAsync("watch", Id(target), "-b", place, "-p", "vq->vring", "-n", "1");
        Assert.Contains("1: vq->vring = {num = 128, num_default = 128, align = 4096, ", result.Output, StringComparison.Ordinal);
        (string[], string)[] wrong = [
            (["-b", "no_such_function"], "Function \"no_such_function\" not defined."),
            (["-b", place, "-p", "vq->nothing"], "There is no member named nothing."),
            (["-b", place, "-p", "/q vq"], "there is no format 'q'")];
        foreach ((string[] words, string said) in wrong)
        {
            var refused = await VirtapProcess.RunAsync(["watch", Id(target), .. words]);
            Assert.Equal(1, refused.Status);
            Assert.Contains(said, refused.Error, StringComparison.Ordinal);
        }

        await EndAsync(target);
    }

    [Fact]
    public async Task A_mark_is_no_place_and_how_to_see_it_is_told()
    {
        await Requirements.InspectingAsync();
        using var target = await ShopProgram.StartAsync();
        string id = target.Id.ToString(CultureInfo.InvariantCulture);

        var result = await VirtapProcess.RunAsync("watch", id, "-b", "order_begin");

        Assert.Equal(1, result.Status);
        Assert.Contains(
            "hint: order_begin is a mark, which scripts take: virtap run -e 'probe process(" + id
                + ").mark(\"order_begin\") { println($$vars) }'", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task With_stop_it_is_a_breakpoint()
    {
        await Requirements.InspectingAsync();
        using Process target = await StartAsync();
        // The end of its input ends the prompt, and lets the process go on.
        var result = await VirtapProcess.RunAsync("watch", Id(target), "-b", "virtio_notify_irqfd", "--print", "vq->vring.num", "--stop");
        Assert.Matches(
            @"hit Breakpoint 1, virtio_notify_irqfd \(vdev=(vdev@entry=)?0x[0-9a-f]+, vq=(vq@entry=)?0x[0-9a-f]+ <vq>\) at .*\n"
                + @".*\n1: vq->vring.num = 128\n",
            result.Output);
        await EndAsync(target);
    }

    [Fact]
    public async Task A_profile_finds_what_runs()
    {
        await Requirements.AttachingAsync();
        Requirements.Program("gcc");
        string program = await CompileAsync("busy-stacks.c", "-O1 -fomit-frame-pointer");
        using Process target = Command.Start(program, []);
        Assert.Equal("ready", await target.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken));
        string folded = Path.Combine(_folder, "folded"), svg = Path.Combine(_folder, "flames.svg");
        var result = await VirtapProcess.RunAsync(
            "stacks", Id(target), "--profile", "2", "-F", "400", "--folded", folded, "--svg", svg);
        Assert.Equal(0, result.Status);
        Assert.Matches(@"^process \d+ \(busy-stacks\): \d[\d,]* samples in ", result.Output);
        Assert.Contains("\n        inner\n        middle\n        outer\n        run\n", result.Output, StringComparison.Ordinal);
        string[] lines = await File.ReadAllLinesAsync(folded, TestContext.Current.CancellationToken);
        Assert.All(lines, static line => Assert.Matches(@"^[^;]+(;[^;]+)* [1-9]\d*$", line));
        Assert.Contains(lines, static line => Regex.IsMatch(line, @"^busy;.*;run;outer;middle;inner \d+$"));
        var picture = System.Xml.Linq.XDocument.Load(svg);
        var titles = picture.Descendants().Where(static each => each.Name.LocalName == "title");
        Assert.Contains(titles.Select(static each => each.Value), static each => each.StartsWith("inner (", StringComparison.Ordinal));
        await EndAsync(target);
    }

    /// <inheritdoc/>
    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static string Source => Path.Combine(AppContext.BaseDirectory, "Targets", "notes-queue.c");

    private static string Id(Process process) => process.Id.ToString(CultureInfo.InvariantCulture);

    private async Task<string> CompileAsync(string source, string options)
    {
        string program = Path.Combine(_folder, Path.GetFileNameWithoutExtension(source));
        string path = Path.Combine(AppContext.BaseDirectory, "Targets", source);
        var result = await Command.RunAsync("gcc", [.. options.Split(' '), "-pthread", "-o", program, path]);
        Assert.True(result.Status == 0, result.Error);
        return program;
    }

    private async Task<Process> StartAsync()
    {
        Requirements.Program("gcc");
        Process target = Command.Start(await CompileAsync("notes-queue.c", "-O1 -g"), []);
        Assert.Equal("ready", await target.StandardOutput.ReadLineAsync());
        return target;
    }

    /// <summary>That it runs on, traced by nobody; then it is ended.</summary>
    private static async Task EndAsync(Process target)
    {
        string status = await File.ReadAllTextAsync($"/proc/{target.Id}/status");
        Assert.Contains("TracerPid:\t0\n", status, StringComparison.Ordinal);
        Assert.DoesNotContain("State:\tT", status, StringComparison.Ordinal);
        Assert.False(target.HasExited);
        await Command.RunAsync("/bin/kill", ["-KILL", Id(target)]);
        await target.WaitForExitAsync();
    }
}
