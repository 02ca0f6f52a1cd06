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
            "[PID] DEVICE: a virtio disk by its id (disk0, vdev:disk0); not needed where there is only one device");
        var seconds = new Option<int?>("--seconds", "-T") { Description = "how long to watch; until Ctrl-C if not given", HelpName = "s" };
        var show = new Option<bool>("--show-script") { Description = "print the script that is run, to take it from there" };
        var command = new Command("coalescing", """
            how many requests come to one notification (interrupt) of a virtio disk

            Many: one interrupt serves many requests, cheap for the guest. Few: no request waits for others to complete.

            Examples:
              virtap coalescing disk0 --seconds 10
              virtap coalescing --show-script > mine.stp; virtap run -x 4711 mine.stp vdev:disk0
            """) { words, seconds, show };
        command.SetAction(parsed =>
            parsed.GetValue(show) ? ShowScript() : Run(TargetWords.Parse(parsed.GetValue(words) ?? []), parsed.GetValue(seconds)));
        return command;
    }

    private static int ShowScript()
    {
        Console.Out.Write(OwnScript.Text(CoalescingWatch.Script));
        return ExitStatus.Success;
    }

    private static int Run(TargetWords words, int? seconds)
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
        using TextOutput output = TextOutput.StandardOutput();
        CoalescingText.Write(output, report);
        output.Flush();
        if (report is { Requests: 0, Notifications: 0 })
            TargetWords.TellWhereToAsk(target);
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
