using System.CommandLine;
using Virtap.Cli.Commands;
using Virtap.Cli.Rendering;
using Virtap.Cli.Targets;
using Virtap.Watch;
using Virtap.Watch.Counting;
using Virtap.Watch.Latency;
using Virtap.Watch.Targets;

namespace Virtap.Cli.Latency;

/// <summary><c>virtap latency</c>: where the time of a device's requests goes.</summary>
internal static class LatencyCommand
{
    private const double MinSeconds = 0.1;
    private const double MaxSeconds = 86400;

    public static Command Create()
    {
        var words = TargetWords.Argument(
            "target", new ArgumentArity(0, 2),
            "[MACHINE] DEVICE: a virtio device by its id (disk0, vdev:disk0); not needed where there is only one");
        var seconds = new Option<double?>(
            "--seconds", "-T") { Description = "how long to watch; until Ctrl-C if not given", HelpName = "s" };
        var interval = new Option<double?>(
            "--interval", "-i") { Description = "show meanwhile what came in each interval", HelpName = "s" };
        var json = new Option<bool>(
            "--json") { Description = "as JSON with all buckets: one line for each interval, and a last one for the whole time" };
        var show = new Option<bool>("--show-script") { Description = "print the script that is run, to take it from there" };
        var command = new Command("latency", """
            how long the requests of a virtio device take in QEMU, per queue, as histograms

              completed  from when QEMU took a request off the queue to when it gave it back
              notified   from then to when QEMU decided to notify (interrupt) the guest

            A disk's reads and writes are told apart. How long a request lay in the queue before QEMU took it is not to be seen from
            outside. Every request is counted, by eBPF probes in QEMU: some microseconds for each. Percentiles are at most 3.1 % above
            the truth and never below it; means are exact.

            Examples:
              virtap latency disk0                      until Ctrl-C
              virtap latency 4711 disk0 -T 10 -i 1      a table each second, and the picture after ten
              virtap latency disk0 -T 10 --json | jq '.queues[0].completed.p99'
              virtap latency disk0 --show-script > mine.stp
            """) { words, seconds, interval, json, show };
        command.SetAction(parsed =>
        {
            string[] target = parsed.GetValue(words) ?? [];
            return parsed.GetValue(show)
                ? ShowScript(target)
                : Run(
                    TargetWords.Parse(target), Time("--seconds", parsed.GetValue(seconds)), Time("--interval", parsed.GetValue(interval)),
                    parsed.GetValue(json));
        });
        return command;
    }

    private static TimeSpan? Time(string option, double? seconds) => seconds switch
    {
        null => null,
        >= MinSeconds and <= MaxSeconds => TimeSpan.FromSeconds(seconds.Value),
        _ => throw new CommandException(Figures.Invariant($"{option} is at least {MinSeconds} and at most {MaxSeconds} seconds")),
    };

    /// <summary>The script; where a device is named, with the command line that runs it on that.</summary>
    private static int ShowScript(string[] words)
    {
        string script = OwnScript.Text(LatencyWatch.Script);
        if (words.Length > 0)
        {
            ulong[] numbers = LatencyWatch.Arguments(TargetWords.Parse(words).FindOne());
            string arguments = Figures.Invariant($"{numbers[0]} {string.Join(' ', numbers.Skip(1).Select(Figures.Address))}");
            int firstLine = script.IndexOf('\n', StringComparison.Ordinal) + 1;
            script = script.Insert(firstLine, Figures.Invariant($"# virtap run -D MAXACTION={LatencyWatch.MaxActions} FILE {arguments}\n"));
        }

        Console.Out.Write(script);
        return ExitStatus.Success;
    }

    private static int Run(TargetWords words, TimeSpan? limit, TimeSpan? interval, bool asJson)
    {
        DeviceTarget target = words.FindOne();
        using LatencyWatch watch = Start(target, limit);
        if (!Console.IsErrorRedirected)
        {
            string end = limit is { } time ? $" for {Figures.Duration(time)}" : "; Ctrl-C ends";
            StandardStreams.Report($"watching {target.Device.Name} of QEMU {target.Device.ProcessId}{end}");
        }

        foreach (LatencyReport report in watch.Watch(interval))
        {
            if (report.IsWhole && watch.IsDeviceGone)
                StandardStreams.Report("the device is gone: unplugged, or its QEMU has ended");
            Show(report, asJson);
            if (report.IsWhole && report.Sample.Queues.All(static queue => queue.Completed == 0))
                TargetWords.ReportWhereToAsk(target);
        }

        return ExitStatus.Success;
    }

    private static LatencyWatch Start(DeviceTarget target, TimeSpan? limit)
    {
        try
        {
            return new LatencyWatch(target, limit, SessionWarnings.Report);
        }
        catch (NoPrivilegeException e)
        {
            throw new CommandException(
                $"requests are timed by eBPF probes, which takes privilege: {e.Message}. virtap vq shows the queues at work by sampling "
                    + "them, without eBPF");
        }
    }

    private static void Show(LatencyReport report, bool asJson)
    {
        if (asJson)
        {
            JsonOutput.WriteLine(writer => LatencyJson.Write(writer, report));
            return;
        }

        using TextOutput output = TextOutput.StandardOutput();
        LatencyText.Write(output, report, hasBlocks: TextOutput.IsTerminal);
        output.Flush();
    }
}
