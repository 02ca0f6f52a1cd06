using System.CommandLine;
using System.Globalization;
using Virtap.Cli.Commands;
using Virtap.Cli.Rendering;
using Virtap.Cli.Targets;
using Virtap.Processes;
using Virtap.Processes.Cores;
using Virtap.Processes.Programs;
using Virtap.Virtio.Devices;
using Virtap.Watch.Stacks;

namespace Virtap.Cli.Stacks;

/// <summary><c>virtap stacks</c>: what every thread of a process is doing.</summary>
internal static class StacksCommand
{
    public static Command Create()
    {
        var pid = new Argument<int?>("pid")
        {
            Description = "the process; by default the one QEMU that runs", Arity = ArgumentArity.ZeroOrOne,
        };
        var thread = new Argument<string?>("thread")
        {
            Description = "only this thread: its id, or its name", Arity = ArgumentArity.ZeroOrOne,
        };
        var json = new Option<bool>("--json") { Description = "as JSON" };
        var command = new Command("stacks", """
            what every thread of a QEMU, or of any process, is doing: in words, and the calls that say so

            Each thread is stopped for as long as it takes to copy its registers and its stack (the longest is told), the
            calls are found out afterwards, by call frame information: neither frame pointers nor debug information are
            needed. Exit status 1 where a thread could not be looked at.

            Examples:
              virtap stacks
              virtap stacks 4711
              virtap stacks 4711 'CPU 0/KVM'
              virtap stacks --core core.4711
            """) { pid, thread, json };
        var core = new CoreOptions(command);
        command.SetAction(
            parsed => Run(core.Open(parsed), parsed.GetValue(pid), parsed.GetValue(thread), parsed.GetValue(json)));
        return command;
    }

    private static int Run(CoreProcess? core, int? pid, string? thread, bool asJson)
    {
        if (core is not null && pid is not null)
            throw new CommandException("a core is of one process: give no process id with --core");
        TargetProcess process = core is not null ? core : pid is { } id ? LiveProcess.Get(id) : TheOneQemu();
        using ProcessStacks stacks = process is LiveProcess live
            ? ProcessStacks.Of(live, [.. live.Threads().Where(each => Is(thread, each.Id, each.Name))]) : ProcessStacks.Of(core!);
        ThreadLook[] looks = [.. stacks.Threads.Where(look => Is(thread, look.ThreadId, look.Name))];
        if (looks.Length == 0)
            throw new CommandException(thread is null ? $"{process.Label} has no threads" : $"{process.Label} has no thread '{thread}'");
        foreach (string problem in stacks.Problems)
            StandardStreams.Report($"warning: {problem}");
        CommandOutput.Write(
            asJson, writer => StacksJson.Write(writer, process, looks), output => StacksText.Write(output, process, looks));
        return looks.All(static look => look.Failure is null) ? ExitStatus.Success : ExitStatus.Failure;
    }

    private static LiveProcess TheOneQemu() => QemuPrograms.Running() switch
    {
        [var only] => only,
        [] => throw new CommandException(
            QemuPrograms.OutOfSight().Count > 0 ? RunningQemus.DescribeNone() : "no QEMU runs: which process is meant?"),
        var several => throw new CommandException(
            $"several QEMUs run: which is meant? {string.Join(", ", several.Select(static each => Figures.Invariant($"{each.Id}")))}"),
    };

    private static bool Is(string? thread, int id, string name) =>
        thread is null || thread == name || thread == id.ToString(CultureInfo.InvariantCulture);
}
