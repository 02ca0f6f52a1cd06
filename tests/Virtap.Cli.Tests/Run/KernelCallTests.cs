using System.Diagnostics;
using Virtap.Cli.Commands;

namespace Virtap.Cli.Tests.Run;

/// <summary>
/// What <c>virtap run</c> asks the kernel, counted by strace: a -p3 and a script without probes in programs ask nothing of bpf(2).
/// </summary>
public sealed class KernelCallTests : IDisposable
{
    /// <summary>Where a machine has its time zone and its kernel's configuration.</summary>
    private static readonly string[] s_clocks = ["/etc/localtime", "/boot/", "/lib/modules/"];

    private readonly string _log = Path.GetTempFileName();

    public void Dispose() => File.Delete(_log);

    [Fact]
    public void A_translation_asks_the_kernel_nothing()
    {
        string target = Command("sh");
        // Without symbols, where it begins is all that is known of it: e_entry, 24 bytes into the file.
        ulong entry = BitConverter.ToUInt64(File.ReadAllBytes(target), 24);
        string output = Run("-p3", "-e",
            $"global n, a probe process(\"{target}\").function(0x{entry:x}) {{ a[execname()]++; for (i = 0; i < ppid(); i++) n++ }}");
        Assert.StartsWith("program probe_0: Uprobe", output, StringComparison.Ordinal);
        Assert.Empty(Calls());
    }

    [Fact]
    public void A_translation_goes_by_no_clock_of_this_machine()
    {
        string output = Run("-p3", "-e", "probe timer.jiffies(1), timer.profile { printf(\"%d %s %d\\n\", HZ(), tz_name(), tz_gmtoff()) }");
        Assert.Contains("250", output, StringComparison.Ordinal);
        Assert.DoesNotContain(
            Opened(), line => s_clocks.Any(clock => line.Contains($"\"{clock}", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_script_that_runs_in_this_process_makes_no_object_of_the_kernel()
    {
        const string Script =
            "global n probe begin { println(\"begin\") } probe timer.ms(1) { if (++n == 3) exit() } probe end { println(n) }";
        string output = Run("-e", Script);
        Assert.Equal("begin\n3\n", output);
        Assert.Empty(Calls());
    }

    [Fact]
    public void Someone_without_privileges_can_run_it()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "needs root, to give its privileges up");
        const string Script = "probe begin { println(\"begin\") } probe timer.ms(1) { exit() } probe end { println(\"end\") }";
        (int status, string output) = Start(Command("setpriv"),
            "--reuid=65534", "--regid=65534", "--clear-groups", "--inh-caps=-all", "--bounding-set=-all", Virtap, "run", "-e", Script);
        Assert.Equal((0, "begin\nend\n"), (status, output));
    }

    /// <summary>The command as these tests refer to it: beside them, with the host that the build made for it.</summary>
    private static string Virtap => Path.ChangeExtension(typeof(ExitStatus).Assembly.Location, null);

    private string Run(params string[] arguments)
    {
        string strace = Command("strace");
        (int status, string output) = Start(strace,
            ["-f", "-q", "-e", "trace=bpf,perf_event_open,openat", "-e", "signal=none", "-o", _log, Virtap, "run", .. arguments]);
        Assert.SkipWhen(status != 0 && output.Length == 0 && new FileInfo(_log).Length == 0, "strace may not trace here");
        Assert.True(status == 0, output);
        return output;
    }

    /// <summary>The calls that were traced.</summary>
    private IEnumerable<string> Calls() => File.ReadLines(_log)
        .Where(line => line.Contains("bpf(", StringComparison.Ordinal) || line.Contains("perf_event_open(", StringComparison.Ordinal));

    private IEnumerable<string> Opened() => File.ReadLines(_log).Where(line => line.Contains("openat(", StringComparison.Ordinal));

    private static (int Status, string Output) Start(string program, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output);
    }

    private static string Command(string name)
    {
        string[] folders = ["/usr/bin", "/bin", "/usr/local/bin"];
        string? path = folders.Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists);
        Assert.SkipWhen(path is null, $"{name} is not installed");
        return path!;
    }
}
