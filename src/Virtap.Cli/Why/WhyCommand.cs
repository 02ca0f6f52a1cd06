using System.CommandLine;
using System.Runtime.InteropServices;
using Virtap.Cli.Commands;
using Virtap.Cli.Rendering;
using Virtap.Cli.Targets;
using Virtap.Processes.Cores;
using Virtap.Virtio.Verdicts;
using Virtap.Watch.Diagnoses;
using Virtap.Watch.Targets;

namespace Virtap.Cli.Why;

/// <summary><c>virtap why</c>: what is wrong with virtio devices, if anything.</summary>
internal static class WhyCommand
{
    private const double UsualSeconds = 2;

    public static Command Create()
    {
        var words = TargetWords.Argument(
            "target", new ArgumentArity(0, 2),
            "[MACHINE] [DEVICE]: a QEMU by its process id or name, and one of its devices by its id (disk0, vdev:disk0); by default all");
        var seconds = new Option<double>("--seconds", "-s")
        {
            Description = "how long to watch a device that does not look well", DefaultValueFactory = _ => UsualSeconds, HelpName = "s",
        };
        var json = new Option<bool>("--json") { Description = "as JSON" };
        var command = new Command("why", """
            what is wrong with virtio devices, if anything: a verdict for each, how certain it is, what was seen, where to look next

            Devices are watched by reading QEMU's memory and the rings in guest memory; the guest does not notice. What is
            plainly well is left after 0.3 s; Ctrl-C ends the watching, with a verdict of what was seen. Exit status 0 where all
            is well, 2 where something is wrong or the machine is paused, 1 where the command could not look at all of it.

            Examples:
              virtap why                     all devices of all QEMUs
              virtap why disk0
              virtap why --core core.4711    what one moment tells, which is less
              virtap why 4711 disk0 -s 10    watched for longer: a slow disk is not a stuck one
            """) { words, seconds, json };
        var core = new CoreOptions(command);
        command.SetAction(
            parsed =>
            Run(core.Open(parsed), TargetWords.Parse(parsed.GetValue(words) ?? []), parsed.GetValue(seconds), parsed.GetValue(json)));
        return command;
    }

    private static int Run(CoreProcess? core, TargetWords words, double seconds, bool asJson)
    {
        if (!(seconds is >= 0.1 and <= 3600))
            throw new CommandException("--seconds is at least 0.1 and at most 3600");
        TargetsFound found = words.Search(core);
        if (core is null && seconds > UsualSeconds && !Console.IsErrorRedirected)
            StandardStreams.Report(Figures.Invariant(
                $"watching for {seconds} s what does not look well; Ctrl-C ends it, with a verdict of what was seen"));
        IReadOnlyList<Diagnosis> diagnoses = Watch(found.Devices, TimeSpan.FromSeconds(seconds));
        CommandOutput.Write(
            asJson, writer => WhyJson.Write(writer, diagnoses, found.LeftOut),
            output => WhyText.Write(output, diagnoses, found.LeftOut));

        if (diagnoses.Any(d => d.HasFault))
            return ExitStatus.Fault;
        // A device that has gone meanwhile was not looked at.
        return found.LeftOut.Count == 0 && diagnoses.All(d => d.IsHealthy) ? ExitStatus.Success : ExitStatus.Failure;
    }

    // The first Ctrl-C ends the watching, a second one the command.
    private static IReadOnlyList<Diagnosis> Watch(IReadOnlyList<DeviceTarget> targets, TimeSpan limit)
    {
        using var stop = new CancellationTokenSource();
        using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, context =>
        {
            context.Cancel = !stop.IsCancellationRequested;
            stop.Cancel();
        });
        return DeviceDiagnoses.Of(targets, limit, stop.Token);
    }
}
