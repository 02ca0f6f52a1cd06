using System.CommandLine;
using Virtap.Cli.Commands;
using Virtap.Cli.Rendering;
using Virtap.Cli.Targets;
using Virtap.Processes;
using Virtap.Processes.Cores;
using Virtap.Processes.Programs;
using Virtap.Virtio.Machines;

namespace Virtap.Cli.List;

/// <summary><c>virtap ls</c>: every virtual machine of this host with its virtio devices.</summary>
internal static class ListCommand
{
    public static Command Create()
    {
        var pid = new Argument<int?>("pid") { Description = "only this QEMU", Arity = ArgumentArity.ZeroOrOne };
        var details = new Option<bool>(
            "--long", "-l") { Description = "all there is to say of each device: object path, features, status, queues" };
        var json = new Option<bool>("--json") { Description = "as JSON, with all that --long has" };
        var command = new Command("ls", """
            every running QEMU and its virtio devices: names, addresses, backends, who serves their queues

            The QEMUs are found by what they run, in containers too; their devices by reading their memory. No QMP socket, no
            debuginfo, and no QEMU is stopped. Where a QMP socket is at hand and free, QEMU is asked whether the names are
            right. Exit status 1 where a QEMU could not be looked into, or says otherwise.

            Examples:
              virtap ls
              virtap ls -l 4711
              virtap ls --core core.4711
              virtap ls --json | jq -r '.machines[].devices[] | .name + " " + .address'
            """) { pid, details, json };
        var core = new CoreOptions(command);
        command.SetAction(parsed => Run(core.Open(parsed), parsed.GetValue(pid), parsed.GetValue(details), parsed.GetValue(json)));
        return command;
    }

    private static int Run(CoreProcess? core, int? pid, bool isLong, bool asJson)
    {
        IReadOnlyList<QemuMachine> machines = core is not null ? [QemuMachine.Read(core)]
            : pid is { } id
            ? [QemuMachine.Read(LiveProcess.Get(id))]
            : QemuMachine.All();
        IReadOnlyList<LiveProcess> outOfSight = core is null && pid is null ? QemuPrograms.OutOfSight() : [];
        machines = [.. machines.Select(machine => machine.Checked())];
        CommandOutput.Write(
            asJson, writer => ListJson.Write(writer, machines, outOfSight),
            output => ListText.Write(output, machines, outOfSight, isLong));

        return outOfSight.Count > 0
            || machines.Any(m => m.Problem is not null || m.Monitor is { Differences.Count: > 0 })
            ? ExitStatus.Failure : ExitStatus.Success;
    }
}
