using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Virtap.EndToEnd.Targets;

namespace Virtap.EndToEnd;

/// <summary>
/// Whatever signals end Virtap, at whatever moment, every byte of code that it probed is the file's again afterwards, every semaphore is
/// down and the kernel has none of its links. Here some hundred moments are tried; with VIRTAP_SIGNALS=all in the environment each half
/// millisecond, which takes an hour: <c>VIRTAP_SIGNALS=all dotnet test --project tests/EndToEnd -- --filter-class '*TearDownTests'</c>.
/// </summary>
public sealed class TearDownTests : IAsyncDisposable
{
    private const double Step = 0.5;

    private readonly HashSet<string> _programs = [];
    private ManyMarks _target = null!;
    private int _trials;

    /// <summary>One place, 3,000 with a semaphore each, and all functions; of one process and of all.</summary>
    public static TheoryData<string> Probes => ["mark(\"m7\")", "mark(\"*\")", "function(\"*\")"];

    /// <summary>Whether the long form was asked for.</summary>
    internal static bool TriesAll => Environment.GetEnvironmentVariable("VIRTAP_SIGNALS") == "all";

    [Theory]
    [MemberData(nameof(Probes))]
    public async Task Two_signals(string probe)
    {
        await BeginAsync();
        foreach (var (first, second) in Signals.Pairs)
        {
            foreach (var delay in Delays(200, few: 4))
            {
                using var virtap = await AttachAsync(Script(probe));
                Signals.Send(virtap, first);
                Signals.Wait(virtap, delay);
                Signals.Send(virtap, second);
                await EndAsync(virtap, $"{first}, {second} after {delay} ms");
            }
        }
    }

    [Theory]
    [InlineData("process(\"$EXE\").function(\"*\").return { n++ }")]
    [InlineData("process(\"$EXE\").function(\"main\").return { n = @entry(tid()) }")]
    [InlineData("process($PID).syscall { n++ } probe process($PID).syscall.return { n++ }")]
    [InlineData("timer.profile, perf.sw.cpu_clock.sample(100000), kernel.trace(\"sched_switch\") { n++ }")]
    [InlineData("process.begin, process.end { n++ }")]
    [InlineData("procfs(\"count\").read { $value = sprint(n) } probe process(\"$EXE\").mark(\"*\") { n++ }")]
    public async Task Two_signals_to_a_session_of_another_kind(string probe)
    {
        await BeginAsync();
        probe = probe.Replace("$EXE", _target.Executable, StringComparison.Ordinal)
            .Replace("$PID", _target.Id.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);
        foreach (var (first, second) in TriesAll ? Signals.Pairs : [("TERM", "KILL"), ("INT", "INT"), ("KILL", "HUP")])
        {
            foreach (var delay in Delays(50, few: 2))
            {
                using var virtap = await AttachAsync(["-e", $"global n probe {probe}"]);
                Signals.Send(virtap, first);
                Signals.Wait(virtap, delay);
                Signals.Send(virtap, second);
                await EndAsync(virtap, $"{first}, {second} after {delay} ms");
                await UnmountedAsync(virtap.Id);
            }
        }
    }

    /// <summary>The shell that takes away the files of a killed session acts when that is dead.</summary>
    private static async Task UnmountedAsync(int session)
    {
        string mounts = "";
        for (var look = 0; look < 100; look++)
        {
            mounts = await File.ReadAllTextAsync("/proc/self/mounts", TestContext.Current.CancellationToken);
            if (!mounts.Contains($"virtap:{session} ", StringComparison.Ordinal))
                return;
            await Task.Delay(100, TestContext.Current.CancellationToken);
        }

        Assert.Fail($"the files of session {session} are still mounted:\n{mounts}");
    }

    [Theory]
    [MemberData(nameof(Probes))]
    public async Task A_signal_while_it_attaches(string probe)
    {
        await BeginAsync();
        var began = Stopwatch.GetTimestamp();
        double start;
        using (var virtap = await AttachAsync(Script(probe)))
        {
            start = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
            Signals.Send(virtap, "TERM");
            await EndAsync(virtap, "TERM");
        }

        // Attaching is the last thing that a start does.
        foreach (var delay in TriesAll ? EachHalfMillisecond(0, start) : Enumerable.Range(8, 16).Select(i => i * start / 24))
        {
            foreach (var signal in TriesAll ? Signals.Numbers.Keys : ["KILL"])
            {
                using var virtap = Start(Script(probe));
                Signals.Wait(virtap, delay);
                Signals.Send(virtap, signal);
                await EndAsync(virtap, $"{signal} {delay} ms after the start");
            }
        }
    }

    [Theory]
    [InlineData("exit()")]
    [InlineData("-T")]
    public async Task A_kill_while_it_ends_by_itself(string cause)
    {
        await BeginAsync();
        foreach (var delay in Delays(100, few: cause == "-T" ? 2 : 10))
        {
            string[] arguments = cause == "-T"
                ? ["-T", "1", .. Script("mark(\"*\")")]
                : Script("mark(\"*\")", "probe timer.ms(20) { exit() }");
            using var virtap = await AttachAsync(arguments);
            Signals.Wait(virtap, delay + (cause == "-T" ? 990 : 15));
            Signals.Send(virtap, "KILL");
            await EndAsync(virtap, $"KILL {delay} ms after {cause}");
        }
    }

    [Fact]
    public async Task Ctrl_C_twice_in_a_terminal()
    {
        await BeginAsync();
        foreach (var delay in Delays(100, few: 8))
        {
            await using var terminal = TerminalCommand.Start(
                "env", Signals.Heeded([VirtapProcess.Binary, "run", "-v", .. Script("mark(\"*\")")]));
            await terminal.ShowsAsync("Pass 5: starting run");
            terminal.PressControlC();
            await Task.Delay(TimeSpan.FromMilliseconds(delay), TestContext.Current.CancellationToken);
            terminal.PressControlC();
            await terminal.WaitAsync();
            await CheckAsync($"Ctrl-C twice, {delay} ms apart");
        }
    }

    [Theory]
    [InlineData("-s", "INT", "-k", "0.003", "0.3")]
    [InlineData("-s", "TERM", "-k", "0.01", "0.3")]
    [InlineData("-s", "HUP", "0.3")]
    [InlineData("-s", "KILL", "0.04")]
    [InlineData("-s", "KILL", "0.3")]
    public async Task A_time_limit_from_outside(params string[] limit)
    {
        await BeginAsync();
        for (var i = 0; i < (TriesAll ? 50 : 2); i++)
        {
            using var timeout = Command.Start(
                "env", Signals.Heeded(["timeout", .. limit, VirtapProcess.Binary, "run", .. Script("mark(\"*\")")]));
            await EndAsync(timeout, "timeout " + string.Join(' ', limit));
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_trials == 0)
            return;
        TestContext.Current.TestOutputHelper?.WriteLine($"{_trials} ends");
        Assert.True(_target.IsAlive);
        _target.Dispose();
        await NoLinkIsLeftAsync();
    }

    /// <summary>
    /// Moments of an end, in milliseconds after what caused it; of few, most are where it takes place: in the first ones.
    /// </summary>
    private static IEnumerable<double> Delays(double end, int few) =>
        TriesAll ? EachHalfMillisecond(0, end) : Enumerable.Range(0, few).Select(i => (double)i * i);

    private static IEnumerable<double> EachHalfMillisecond(double from, double to) =>
        Enumerable.Range(0, (int)((to - from) / Step) + 1).Select(i => from + (i * Step));

    private async Task BeginAsync()
    {
        await Requirements.AttachingAsync();
        Requirements.Program("bpftool");
        _target = await ManyMarks.StartAsync();
    }

    /// <summary>Every other trial is of the one process, the others of all that run the program.</summary>
    private string[] Script(string probe, string more = "")
    {
        var script = $"global n probe process(\"{_target.Executable}\").{probe} {{ n++ }} {more}";
        return _trials % 2 == 0 ? ["-x", _target.Id.ToString(CultureInfo.InvariantCulture), "-e", script] : ["-e", script];
    }

    private static Process Start(string[] arguments)
    {
        var virtap = Command.Start("env", Signals.Heeded([VirtapProcess.Binary, "run", "-v", .. arguments]));
        _ = virtap.StandardOutput.ReadToEndAsync();
        return virtap;
    }

    private async Task<Process> AttachAsync(string[] arguments)
    {
        var virtap = Start(arguments);
        while (await virtap.StandardError.ReadLineAsync() is { } line)
        {
            if (line.StartsWith("Pass 5: starting run", StringComparison.Ordinal))
            {
                _programs.UnionWith(KernelObject.HeldBy(virtap.Id).Where(o => o.Kind == "prog").Select(o => o.Id));
                return virtap;
            }
        }

        throw new InvalidOperationException("Virtap did not attach");
    }

    private async Task EndAsync(Process process, string what)
    {
        _ = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync().WaitAsync(TimeSpan.FromMinutes(1));
        await CheckAsync(what);
    }

    /// <summary>Of a process that was killed, the kernel takes back what it held soon, not at once.</summary>
    private async Task CheckAsync(string what)
    {
        _trials++;
        var start = Stopwatch.GetTimestamp();
        while (_target.Damage() is { } damage)
        {
            if (Stopwatch.GetElapsedTime(start) > TimeSpan.FromSeconds(10))
                Assert.Fail($"{what}: {damage}");
            await Task.Delay(2);
        }
    }

    private async Task NoLinkIsLeftAsync()
    {
        for (var tries = 0; ; tries++)
        {
            var links = JsonDocument.Parse((await Command.RunAsync(Command.Find("bpftool")!, ["-j", "link"])).Output).RootElement;
            var left = links.EnumerateArray()
                .Count(link => link.TryGetProperty("prog_id", out var id) && _programs.Contains(id.ToString()));
            if (left == 0)
                return;
            Assert.True(tries < 50, $"{left} links are left");
            await Task.Delay(100);
        }
    }
}
