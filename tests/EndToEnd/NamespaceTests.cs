using Virtap.EndToEnd.Targets;

namespace Virtap.EndToEnd;

/// <summary>Virtap in a container that does not see the host's process ids.</summary>
public class NamespaceTests
{
    [Fact]
    public async Task Process_ids_are_those_of_the_namespace_that_Virtap_runs_in()
    {
        await Requirements.AttachingAsync();
        Requirements.Program("unshare");
        var program = await BusyProgram.ExecutableAsync();

        // The shell is process 1 in there, the program and Virtap have small numbers too.
        var result = await InsideAsync($$"""
            (sleep 0.5; echo) | {{program}} 1 3 >/dev/null & sleep 0.2; target=$(pidof busy)
            {{VirtapProcess.Binary}} run -x $target -T 2 -e 'global n
                probe process("{{program}}").mark("step") { if (pid() == target()) n++ }
                probe end { println(n > 0, " ", target()) }'
            echo $target
            """);

        Assert.Equal("", result.Error);
        var lines = result.Output.Split('\n');
        Assert.Equal($"1 {lines[1]}", lines[0]);
        Assert.InRange(int.Parse(lines[1], System.Globalization.CultureInfo.InvariantCulture), 2, 20);
    }

    [Theory]
    [InlineData("probe process.begin { println(pid()) }", "process.begin and process.end are not supported within a PID namespace")]
    [InlineData("probe process.mark(\"step\") { println(ppid()) }", "ppid() in this probe is not supported within a PID namespace")]
    public async Task What_only_the_hosts_ids_could_answer_is_refused(string script, string problem)
    {
        await Requirements.AttachingAsync();
        Requirements.Program("unshare");
        var program = await BusyProgram.ExecutableAsync();

        var result = await InsideAsync($"{VirtapProcess.Binary} run -c '{program} 1 1' -e '{script}'; echo $?");

        Assert.EndsWith("1\n", result.Output, StringComparison.Ordinal);
        Assert.Contains(problem, result.Error, StringComparison.Ordinal);
    }

    private static Task<CommandResult> InsideAsync(string commands) =>
        Command.RunAsync(Command.Find("unshare")!, ["--pid", "--fork", "--mount-proc", "/bin/sh", "-c", commands]);
}
