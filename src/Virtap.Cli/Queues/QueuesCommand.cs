using System.CommandLine;
using System.Runtime.InteropServices;
using Virtap.Cli.Commands;
using Virtap.Cli.Rendering;
using Virtap.Cli.Targets;
using Virtap.Processes.Cores;
using Virtap.Watch;
using Virtap.Watch.Queues;
using Virtap.Watch.Targets;

namespace Virtap.Cli.Queues;

/// <summary><c>virtap vq</c>: the queues of virtio devices at work.</summary>
internal static class QueuesCommand
{
    // Longer than a day is a mistake; shorter than this the table cannot be read.
    private const double MinSeconds = 0.1;
    private const double MaxSeconds = 86400;

    public static Command Create()
    {
        var words = TargetWords.Argument(
            "target", new ArgumentArity(0, 2),
            "[MACHINE] [DEVICE]: a QEMU by its process id or name, and one of its devices by its id (disk0, vdev:disk0); by default all");
        var interval = new Option<double>(
            "--interval", "-i") { Description = "how long to gather before showing", DefaultValueFactory = _ => 1, HelpName = "s" };
        var once = new Option<bool>("--once", "-1") { Description = "show once, after one interval" };
        var trace = new Option<bool>(
            "--trace") { Description =
            "count every kick and notification too, by eBPF probes in QEMU: about a microsecond of its time for each, and for each "
                + "request" };
        var json = new Option<bool>("--json") { Description = "as JSON: one line for each interval" };
        var command = new Command("vq", $"""
            virtqueues at work: a live table on a terminal, a table for each interval in a pipe, until Ctrl-C

            {QueueTable.Legend}

            Figures come from reading ring indices many times a second; the guest does not notice.

            With --trace the indices and the mean give way to these:

            {QueueTable.TraceLegend}

            Examples:
              virtap vq                     all queues of all QEMUs
              virtap vq disk0 -i 0.5
              virtap vq 4711 disk0 --once
              virtap vq disk0 --trace
              virtap vq --core core.4711    one look: no rates
              virtap vq disk0 --json | jq '.queues[] | .completedPerSecond'
            """) { words, interval, once, trace, json };
        var core = new CoreOptions(command);
        command.SetAction(parsed =>
            Run(
                core.Open(parsed), TargetWords.Parse(parsed.GetValue(words) ?? []), parsed.GetValue(interval), parsed.GetValue(once),
                parsed.GetValue(trace), parsed.GetValue(json)));
        return command;
    }

    private static int Run(CoreProcess? core, TargetWords words, double seconds, bool isOnce, bool isTraced, bool asJson)
    {
        if (!(seconds is >= MinSeconds and <= MaxSeconds))
            throw new CommandException(Figures.Invariant($"--interval is at least {MinSeconds} and at most {MaxSeconds} seconds"));
        if (core is not null && isTraced)
            throw new CommandException("--trace counts what happens: in a core nothing does");
        IReadOnlyList<DeviceTarget> targets = words.Find(core);
        if (core is not null)
            return Show(targets, asJson);
        using var stop = new CancellationTokenSource();
        using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal);
        using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal);
        using QueueTrace? trace = isTraced ? Trace(targets) : null;
        var watch = new QueueWatch(targets, trace);
        IEnumerable<QueueTable> tables = Tables();
        if (asJson)
            QueuesJson.Write(tables);
        else if (TextOutput.IsTerminal && !isOnce)
            LiveTable.Show(tables);
        else
            Write(tables);
        if (trace?.Stop() is > 0 and long skipped)
            StandardStreams.Report(
                $"warning: {Figures.Count(skipped, "hit")} of a probe skipped: what is counted is less than what happened");
        if (!stop.IsCancellationRequested && !isOnce)
            StandardStreams.Report("the devices are gone: unplugged, or their QEMU has ended");
        return ExitStatus.Success;

        void OnSignal(PosixSignalContext context)
        {
            context.Cancel = true;
            stop.Cancel();
        }

        IEnumerable<QueueTable> Tables()
        {
            while (watch.Gather(TimeSpan.FromSeconds(seconds), stop.Token) is { } samples)
            {
                yield return new QueueTable(samples);
                if (isOnce)
                    yield break;
            }
        }
    }

    private static QueueTrace Trace(IReadOnlyList<DeviceTarget> targets)
    {
        try
        {
            return new QueueTrace(targets, SessionWarnings.Report);
        }
        catch (NoPrivilegeException e)
        {
            throw new CommandException($"--trace counts by eBPF probes, which takes privilege: {e.Message}. "
                + "Without --trace, virtap vq works from sampling the rings, which needs no eBPF");
        }
    }

    // A core holds one moment.
    private static int Show(IReadOnlyList<DeviceTarget> targets, bool asJson)
    {
        IEnumerable<QueueTable> table = [new QueueTable(DeviceSample.OfMoment(targets))];
        if (asJson)
            QueuesJson.Write(table);
        else
            Write(table);
        return ExitStatus.Success;
    }

    private static void Write(IEnumerable<QueueTable> tables)
    {
        using TextOutput output = TextOutput.StandardOutput();
        bool isFirst = true;
        foreach (QueueTable table in tables)
        {
            if (!isFirst)
                output.WriteLine();
            isFirst = false;
            output.WriteLine(table.Heading, Tone.Quiet);
            table.ToText().Write(output);
            if (table.Footnote is { } footnote)
                output.WriteLine(footnote, Tone.Quiet);
            output.Flush();
        }
    }
}
