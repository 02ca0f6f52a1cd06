using System.CommandLine;
using System.Diagnostics;
using Virtap.Bpf.Features;
using Virtap.Bpf.Kernel;
using Virtap.Cli.Counting;
using Virtap.Cli.Rendering;
using Virtap.Cli.Targets;
using Virtap.Tracing.Output;
using Virtap.Virtio.Queues;

namespace Virtap.Cli.Latency;

/// <summary><c>virtap latency</c>: where the time of a device's requests goes.</summary>
internal static class LatencyCommand
{
    private const double LeastSeconds = 0.1;
    private const double MostSeconds = 86400;

    // How often to see whether the device is still there.
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(500);

    public static Command Create()
    {
        var words = TargetWords.Argument("target", new ArgumentArity(0, 2), "[PID] DEVICE: a virtio device by its id (disk0, vdev:disk0); not needed where there is only one");
        var seconds = new Option<double?>("--seconds", "-T") { Description = "how long to watch; until Ctrl-C if not given", HelpName = "s" };
        var interval = new Option<double?>("--interval", "-i") { Description = "show meanwhile what came in each interval", HelpName = "s" };
        var json = new Option<bool>("--json") { Description = "as JSON with all buckets: one line for each interval, and a last one for the whole time" };
        var show = new Option<bool>("--show-script") { Description = "print the script that is run, to take it from there" };
        var command = new Command("latency", """
            how long the requests of a virtio device take in QEMU, per queue, as histograms

              completed  from when QEMU took a request off the queue to when it gave it back
              notified   from then to when QEMU decided to notify (interrupt) the guest

            A disk's reads and writes are told apart. How long a request lay in the queue before QEMU took it is not to be seen from outside. Every request is counted, by eBPF
            probes in QEMU: some microseconds for each. Percentiles are at most 3.1 % above the truth and never below it; means are exact.

            Examples:
              virtap latency disk0                      until Ctrl-C
              virtap latency 4711 disk0 -T 10 -i 1      a table each second, and the picture after ten
              virtap latency disk0 -T 10 --json | jq '.queues[0].completed.p99'
              virtap latency disk0 --show-script > mine.stp
            """) { words, seconds, interval, json, show };
        command.SetAction(parsed => ExitStatus.Of(() =>
        {
            string[] target = parsed.GetValue(words) ?? [];
            return parsed.GetValue(show)
                ? ShowScript(target)
                : Run(TargetWords.Parse(target), Time("--seconds", parsed.GetValue(seconds)), Time("--interval", parsed.GetValue(interval)), parsed.GetValue(json));
        }));
        return command;
    }

    private static TimeSpan? Time(string option, double? seconds) => seconds switch
    {
        null => null,
        >= LeastSeconds and <= MostSeconds => TimeSpan.FromSeconds(seconds.Value),
        _ => throw new CommandException(Figures.Invariant($"{option} is at least {LeastSeconds} and at most {MostSeconds} seconds")),
    };

    /// <summary>The script; where a device is named, with the command line that runs it on that.</summary>
    private static int ShowScript(string[] words)
    {
        string script = CountingScript.Text(LatencyWatch.Script);
        if (words.Length > 0)
        {
            string arguments = string.Join(' ', LatencyWatch.Arguments(TargetSearch.FindOne(TargetWords.Parse(words))));
            int firstLine = script.IndexOf('\n', StringComparison.Ordinal) + 1;
            script = script.Insert(firstLine, Figures.Invariant($"# virtap run -D MAXACTION={LatencyWatch.MaxActions} FILE {arguments}\n"));
        }

        Console.Out.Write(script);
        return ExitStatus.Success;
    }

    private static int Run(TargetWords words, TimeSpan? limit, TimeSpan? interval, bool asJson)
    {
        DeviceTarget target = TargetSearch.FindOne(words);
        var reader = new QueueReader(target.Qemu, target.Device);
        DeviceState device = reader.Read() ?? throw new CommandException($"{target.Device.Name} is gone");
        if (device.VhostStarted == true)
            throw new CommandException($"vhost serves {target.Device.Name}: its requests do not pass through QEMU, where they could be timed");
        if (!KernelFeatures.Current.Privilege.Present)
            throw new CommandException($"requests are timed by eBPF probes, which takes privilege: {Privileges.Explain()}. virtap vq shows the queues at work by sampling them, without eBPF");

        using var watch = new LatencyWatch(target, limit);
        if (!Console.IsErrorRedirected)
            Console.Error.WriteLine($"watching {target.Device.Name} of QEMU {target.Device.ProcessId}{(limit is { } time ? $" for {Figures.Duration(time)}" : "; Ctrl-C ends")}");
        long? inFlight = InFlight(watch, reader);
        LatencySample earlier = watch.Look();
        foreach (LatencySample now in Intervals(watch, reader, interval))
        {
            Show(new LatencyReport(device, now.Since(earlier), inFlight, default, IsWhole: false), asJson);
            earlier = now;
        }

        LossCounts losses = watch.Stop();
        Show(new LatencyReport(device, watch.Look(), inFlight, losses, IsWhole: true), asJson);
        return ExitStatus.Success;
    }

    /// <summary>
    /// Requests in flight that were not seen being taken. Rings and counts are looked at one after the other, which counts only if the rings stood still meanwhile: a queue with requests
    /// that matter here does. Null where none did, and where the rings count descriptors (packed ones).
    /// </summary>
    private static long? InFlight(LatencyWatch watch, QueueReader reader)
    {
        const int Tries = 10;
        for (int i = 0; i < Tries && reader.Read() is { IsPacked: false } before; i++)
        {
            LatencySample seen = watch.Look();
            if (reader.Read() is { } after && before.Queues.Zip(after.Queues).All(q => (q.First.LastAvailIndex, q.First.UsedIndex) == (q.Second.LastAvailIndex, q.Second.UsedIndex)))
                return after.Queues.Sum(q => (long)(q.InUse ?? 0)) - seen.InFlight + seen.Queues.Sum(q => q.Unknown);
        }

        return null;
    }

    /// <summary>Looks after each interval, until watching has ended or the device is gone.</summary>
    private static IEnumerable<LatencySample> Intervals(LatencyWatch watch, QueueReader reader, TimeSpan? interval)
    {
        TimeSpan due = interval ?? TimeSpan.MaxValue;
        long start = Stopwatch.GetTimestamp();
        while (true)
        {
            TimeSpan left = due - Stopwatch.GetElapsedTime(start);
            if (watch.Wait(left < s_look ? left > TimeSpan.Zero ? left : TimeSpan.Zero : s_look))
                yield break;
            if (reader.Read() is null)
            {
                Console.Error.WriteLine("the device is gone: unplugged, or its QEMU has ended");
                yield break;
            }

            if (interval is not { } length || Stopwatch.GetElapsedTime(start) < due)
                continue;
            due += length;
            yield return watch.Look();
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
