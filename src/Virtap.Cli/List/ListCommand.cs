using System.CommandLine;
using Virtap.Cli.Commands;
using Virtap.Cli.Rendering;
using Virtap.Cli.Targets;
using Virtap.Processes;
using Virtap.Processes.Cores;
using Virtap.Processes.Programs;
using Virtap.Virtio.Devices;
using Virtap.Virtio.Machines;

namespace Virtap.Cli.List;

/// <summary><c>virtap ls</c>: every virtual machine of this host with its virtio devices.</summary>
internal static class ListCommand
{
    public static Command Create()
    {
        Argument<string?> machine = ProcessWord.Argument("machine", "only this QEMU: its process id, or its name");
        var details = new Option<bool>(
            "--long", "-l") { Description = "all there is to say of each device: object path, features, status, queues" };
        var json = new Option<bool>("--json") { Description = "as JSON, with all that --long has" };
        var command = new Command("ls", """
            every running QEMU and its virtio devices: names, addresses, backends, who serves their queues

            The QEMUs are found by what they run, in containers too; their devices by reading their memory. No QMP socket, no
            debuginfo, and no QEMU is stopped. Where a QMP socket is at hand and free, QEMU is asked whether the names are
            right. Exit status 1 where a QEMU could not be looked into, or says otherwise, and where of a core too little is there.

            Examples:
              virtap ls
              virtap ls -l web01
              virtap ls --core core.4711
              virtap ls --json | jq -r '.machines[].devices[] | .name + " " + .address'
            """) { machine, details, json };
        var core = new CoreOptions(command);
        command.SetAction(parsed => Run(core.Open(parsed), parsed.GetValue(machine), parsed.GetValue(details), parsed.GetValue(json)));
        return command;
    }

    private static int Run(CoreProcess? core, string? word, bool isLong, bool asJson)
    {
        IReadOnlyList<QemuMachine> machines = core is not null ? [QemuMachine.Read(core)]
            : word is not null ? [QemuMachine.Read(ProcessWord.Get(word))] : QemuMachine.All();
        IReadOnlyList<LiveProcess> outOfSight = core is null && word is null ? QemuPrograms.OutOfSight() : [];
        bool couldLook = core is not null || word is not null || LiveProcess.OthersAreVisible;
        if (!couldLook && machines.Count + outOfSight.Count == 0)
            throw new CommandException(RunningQemus.DescribeNone());
        machines = [.. machines.Select(machine => machine.Checked())];
        CommandOutput.Write(
            asJson, writer => ListJson.Write(writer, machines, outOfSight),
            output => ListText.Write(output, machines, outOfSight, isLong));
        if (!couldLook)
            StandardStreams.Report("warning: others may run: /proc hides their processes here (hidepid)");

        return !couldLook || outOfSight.Count > 0
            || machines.Any(m => m.Problem is not null || m.Monitor is { Differences.Count: > 0 } || m.Survey is { IsComplete: false }
                || ListText.IsCutShort(m))
            ? ExitStatus.Failure : ExitStatus.Success;
    }
}
