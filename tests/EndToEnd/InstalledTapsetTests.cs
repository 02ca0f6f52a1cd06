using System.Globalization;
using Virtap.EndToEnd.Targets;

namespace Virtap.EndToEnd;

/// <summary>
/// A tapset installed beside its program, used as qemu-trace-stap uses QEMU's: <c>SYSTEMTAP_TAPSET</c> names its folder, <c>stap -l</c>
/// lists what is there, and an empty probe on a pattern of aliases prints what these print.
/// </summary>
public sealed class InstalledTapsetTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("virtap-tapset").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task What_qemu_trace_stap_lists_and_runs_works_with_virtap_as_stap()
    {
        await Requirements.AttachingAsync();
        string program = await BusyProgram.ExecutableAsync();
        await File.WriteAllTextAsync(Path.Combine(_folder, "busy-log.stp"), $$"""
            probe busy.demo.log.step = process("{{program}}").mark("step") ? { printf("%d@%d step %d\n", pid(), $arg1, 7) exit() }
            probe busy.demo.log.nosuch = process("{{program}}").mark("nosuch") ? { println("nosuch") }
            """, TestContext.Current.CancellationToken);

        CommandResult list = await StapAsync("-l", "busy.demo.log.*");
        Assert.Equal((0, "busy.demo.log.step\n", ""), (list.Status, list.Output, list.Error));

        await using BusyProgram busy = await BusyProgram.StartAsync(threads: 1, seconds: 60);
        await busy.GoAsync();
        string id = busy.Id.ToString(CultureInfo.InvariantCulture);
        CommandResult run = await StapAsync("-s", "8", "-x", id, "-e", "probe busy.demo.log.* {}");
        Assert.Equal((0, ""), (run.Status, run.Error));
        Assert.StartsWith($"{id}@0 step 7\n", run.Output);
    }

    private Task<CommandResult> StapAsync(params string[] arguments) =>
        Command.RunAsync("/usr/bin/env", [$"SYSTEMTAP_TAPSET={_folder}", Repository.PathOf("out", "stap"), .. arguments]);
}
