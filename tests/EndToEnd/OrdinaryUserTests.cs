using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Virtap.EndToEnd.Guests;

namespace Virtap.EndToEnd;

/// <summary>What is said to somebody who may not look: that, and not that there is nothing.</summary>
public class OrdinaryUserTests
{
    [Fact]
    public async Task QEMUs_of_others_are_counted_and_what_it_takes_to_look_into_them_is_said()
    {
        await Requirements.InspectingAsync();
        await Requirements.NoOtherQemuAsync();
        Requirements.Program("qemu-system-x86_64");
        Process[] qemus = [
            .. Enumerable.Range(0, 2)
            .Select(i => Command.Start(
                Guest.Qemu, ["-S", "-name", $"hidden{i}", "-m", "64", "-nodefaults", "-display", "none", "-monitor", "stdio"]))];
        try
        {
            foreach (Process qemu in qemus)
                await qemu.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken);
            CommandResult list = await AsNobodyAsync("ls"), json = await AsNobodyAsync("ls", "--json"), why = await AsNobodyAsync("why");

            string ids = string.Join(", ", qemus.Select(q => q.Id).Order().Select(id => id.ToString(CultureInfo.InvariantCulture)));
            string told = $"2 QEMUs run that you may not look into ({ids}): that takes root, or CAP_SYS_PTRACE";
            Assert.Equal(1, list.Status);
            Assert.Contains(told, list.Output + list.Error, StringComparison.Ordinal);
            Assert.DoesNotContain("no QEMU is running", list.Output + list.Error, StringComparison.Ordinal);
            Assert.Equal(1, json.Status);
            Assert.Equal(2, JsonDocument.Parse(json.Output).RootElement.GetProperty("outOfSight").GetArrayLength());
            Assert.Equal(1, why.Status);
            Assert.Contains(told, why.Error, StringComparison.Ordinal);
            string[][] byName =
                [["why", "hidden0", "disk0"], ["stacks", "hidden0"], ["print", "hidden0", "1"], ["marks", "hidden0"]];
            foreach (string[] line in byName)
                Assert.Contains(told, (await AsNobodyAsync(line)).Error, StringComparison.Ordinal);
        }
        finally
        {
            foreach (Process qemu in qemus)
                qemu.Kill();
        }
    }

    [Fact]
    public async Task Where_the_processes_of_others_are_hidden_nothing_is_said_of_QEMUs()
    {
        await Requirements.InspectingAsync();
        const string Hidden = "mount -t proc -o hidepid=2 proc /proc && setpriv --reuid=65534 --regid=65534 --clear-groups";
        var mounted = await Command.RunAsync("unshare", ["-m", "sh", "-c", $"{Hidden} true"]);
        Assert.SkipUnless(mounted.Status == 0, $"/proc cannot be mounted with hidepid here: {mounted.Error}");
        foreach (string command in (string[])["ls", "ls --json", "why", "stacks"])
        {
            var result = await Command.RunAsync("unshare", ["-m", "sh", "-c", $"{Hidden} {VirtapProcess.Binary} {command}"]);

            Assert.Equal(
                (1, "", "error: no QEMU could be looked for: /proc is not mounted here, or hides the processes of others (hidepid)\n"),
                (result.Status, result.Output, result.Error));
        }
    }

    /// <summary>Each command line, about this process, which is root's; and what it says that it takes.</summary>
    public static TheoryData<string, string> Refused => new()
    {
        { "ls $PID", "that takes root" }, { "vq $PID", "that takes root" }, { "why $PID", "that takes root" },
        { "ring $PID disk0", "that takes root" }, { "latency $PID disk0", "that takes root" },
        { "coalescing $PID disk0", "that takes root" }, { "stacks $PID", "that takes root" }, { "print $PID 1+1", "that takes root" },
        { "types $PID int", "that takes root" }, { "doctor --mend $PID", "that takes root" },
        { "run -e 'probe process($PID).function(\"main\") { next }'", "that takes root" },
        { "run -e 'probe procfs(\"x\").read { $value = \"x\" }'", "that takes root" },
        { "run -e 'probe process.begin { exit() }'", "needs root" },
        { "run -e 'probe timer.profile { exit() }'", "needs root" },
        { "run -e 'probe process.syscall { exit() }'", "needs root" },
        { "run -e 'probe kernel.trace(\"sched_switch\") { exit() }'", "needs root" },
        { "run -e 'probe syscall.open { println(argstr); exit() }'", "needs root" },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task What_it_takes_to_look_into_another_user_s_process_is_said(string line, string told)
    {
        await Requirements.AttachingAsync();
        line = line.Replace("$PID", Environment.ProcessId.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);

        CommandResult result = await Command.RunAsync(
            "/bin/sh", ["-c", $"exec setpriv --reuid=65534 --regid=65534 --clear-groups {VirtapProcess.Binary} {line}"]);

        Assert.Equal(1, result.Status);
        Assert.Contains(told, result.Output + result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("Access to the path", result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Features_that_could_not_be_asked_for_are_not_said_to_be_missing()
    {
        await Requirements.AttachingAsync();

        CommandResult root = await VirtapProcess.RunAsync("doctor", "--json"), text = await AsNobodyAsync("doctor"),
        json = await AsNobodyAsync("doctor", "--json");

        Assert.Equal((1, 1), (text.Status, json.Status));
        Assert.Contains("not allowed to ask", text.Output, StringComparison.Ordinal);
        Dictionary<string, bool?> seen = Features(json.Output), known = Features(root.Output);
        Assert.Contains(seen.Values, static present => present is null);
        // The privilege itself is what is missing, and is known.
        Assert.All(
            seen.Where(static each => each.Value == false),
            each => Assert.True(known[each.Key] == false || each.Key.Contains("privilege", StringComparison.Ordinal), each.Key));
    }

    [Fact]
    public async Task Root_of_a_user_namespace_has_not_the_privilege_that_tracing_takes()
    {
        await Requirements.AttachingAsync();
        Requirements.Program("unshare");
        string unshare = Command.Find("unshare")!;
        Assert.SkipUnless((await Command.RunAsync(unshare, ["-Ur", "true"])).Status == 0, "no user namespace can be made here");

        CommandResult doctor = await Command.RunAsync(unshare, ["-Ur", VirtapProcess.Binary, "doctor"]);
        CommandResult run = await Command.RunAsync(
            unshare, ["-Ur", VirtapProcess.Binary, "run", "-e", "probe timer.profile { exit() }"]);

        Assert.Matches("(?m)^  no   privilege to load tracing programs .*needs root of the host", doctor.Output);
        Assert.Equal(1, run.Status);
        Assert.StartsWith("ERROR: the kernel does not let you trace: needs root of the host", run.Error, StringComparison.Ordinal);
    }

    private static Dictionary<string, bool?> Features(string json) =>
        JsonDocument.Parse(json).RootElement.GetProperty("features").EnumerateArray().ToDictionary(
        static feature => feature.GetProperty("name").GetString()!,
        static feature =>
            feature.GetProperty("present") is { ValueKind: not JsonValueKind.Null } present ? (bool?)present.GetBoolean() : null);

    private static Task<CommandResult> AsNobodyAsync(params string[] command)
    {
        Requirements.Program("setpriv");
        return Command.RunAsync(
            Command.Find("setpriv")!, ["--reuid=65534", "--regid=65534", "--clear-groups", VirtapProcess.Binary, .. command]);
    }
}
