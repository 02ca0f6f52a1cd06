using System.CommandLine;
using Virtap.Cli.Commands;
using Virtap.Cli.Rendering;
using Virtap.Cli.Targets;
using Virtap.Watch;
using Virtap.Watch.Coalescing;
using Virtap.Watch.Counting;
using Virtap.Watch.Targets;

namespace Virtap.Cli.Coalescing;

/// <summary>
/// <c>virtap coalescing</c>: how many requests each notification of a disk announces; examples/coalescing.stp without having to write it.
/// </summary>
internal static class CoalescingCommand
{
    public static Command Create()
    {
        var words = TargetWords.Argument(
            "target", new ArgumentArity(0, 2),
            "[MACHINE] DEVICE: a virtio disk by its id (disk0, vdev:disk0); not needed where there is only one device");
        var seconds = new Option<int?>("--seconds", "-T") { Description = "how long to watch; until Ctrl-C if not given", HelpName = "s" };
        var json = new Option<bool>("--json") { Description = "as JSON" };
        var show = new Option<bool>("--show-script") { Description = "print the script that is run, to take it from there" };
        var command = new Command("coalescing", """
            how many requests come to one interrupt of a virtio disk

            Many: one interrupt serves many requests, cheap for the guest. Few: no request waits for others to complete.

            Examples:
              virtap coalescing disk0 --seconds 10
              virtap coalescing web01 disk0 -T 10 --json | jq '.requests / .notifications'
              virtap coalescing --show-script > mine.stp; virtap run -x 4711 mine.stp vdev:disk0
            """) { words, seconds, json, show };
        command.SetAction(parsed => parsed.GetValue(show) ? ShowScript()
            : Run(TargetWords.Parse(parsed.GetValue(words) ?? []), parsed.GetValue(seconds), parsed.GetValue(json)));
        return command;
    }

    private static int ShowScript()
    {
        Console.Out.Write(OwnScript.Text(CoalescingWatch.Script));
        return ExitStatus.Success;
    }

    private static int Run(TargetWords words, int? seconds, bool asJson)
    {
        if (seconds is < 1)
            throw new CommandException("--seconds is at least 1");
        DeviceTarget target = words.FindOne();
        using CoalescingWatch watch = Start(target, seconds is { } time ? TimeSpan.FromSeconds(time) : null);
        if (!Console.IsErrorRedirected)
        {
            string end = seconds is null ? "; Ctrl-C ends" : Figures.Invariant($" for {seconds} s");
            StandardStreams.Report($"watching {target.Device.Name} of QEMU {target.Device.ProcessId}{end}");
        }

        CoalescingReport report = watch.Watch();
        CommandOutput.Write(
            asJson, writer => CoalescingJson.Write(writer, target, report), output => CoalescingText.Write(output, report));
        if (report is { Requests: 0, Notifications: 0 })
            TargetWords.ReportWhereToAsk(target);
        if (report.Skipped > 0)
            StandardStreams.Report(
                $"warning: {Figures.Count(report.Skipped, "hit")} of a probe skipped: what is counted is less than what happened");
        return ExitStatus.Success;
    }

    private static CoalescingWatch Start(DeviceTarget target, TimeSpan? limit)
    {
        try
        {
            return new CoalescingWatch(target, limit, SessionWarnings.Report);
        }
        catch (NoPrivilegeException e)
        {
            throw new CommandException($"requests are counted by eBPF probes, which takes privilege: {e.Message}");
        }
    }
}
