using System.CommandLine;
using System.Globalization;
using Virtap.Cli.Commands;
using Virtap.Cli.Rendering;
using Virtap.Cli.Targets;
using Virtap.Processes.Cores;
using Virtap.Virtio.Queues;
using Virtap.Virtio.Rings;
using Virtap.Watch.Targets;

namespace Virtap.Cli.Ring;

/// <summary><c>virtap ring</c>: the requests in a ring, with their descriptors.</summary>
internal static class RingCommand
{
    // Looks at the indices are kept; a minute of them is enough to tell what is stuck.
    private const double MaxSeconds = 60;

    public static Command Create()
    {
        var words = TargetWords.Argument(
            "target", new ArgumentArity(0, 3),
            "[MACHINE] DEVICE [QUEUE]: a device by its id (disk0, vdev:disk0), a queue by its number; not needed where there is only one");
        var seconds = new Option<double>(
            "--seconds", "-s") { Description = "how long to watch the ring's indices first, for the ages; 0 for one look",
            DefaultValueFactory = _ => 0.5, HelpName = "s" };
        var json = new Option<bool>("--json") { Description = "as JSON" };
        var command = new Command("ring", $"""
            what is in a ring: the requests in flight and those that wait, their descriptors in guest memory, of a disk's what they ask for

            {RingText.Legend}

            The guest is not stopped and does not notice. Of a busy ring only what stays in flight while it is read is shown. Exit
            status 2 where something is in the ring that no driver may put there.

            Examples:
              virtap ring disk0              the only queue of disk0
              virtap ring 4711 nic0 1
              virtap ring disk0 0 -s 5       watched for longer: which request has been in flight all the while
              virtap ring --core core.4711 disk0
              virtap ring disk0 0 --json | jq '.inFlight[] | .head, .block.type, .descriptors[].address'
            """) { words, seconds, json };
        var core = new CoreOptions(command);
        command.SetAction(
            parsed =>
            Run(
                core.Open(parsed), TargetWords.Parse(parsed.GetValue(words) ?? [], rest: 1), parsed.GetValue(seconds),
                parsed.GetValue(json)));
        return command;
    }

    private static int Run(CoreProcess? core, TargetWords words, double seconds, bool asJson)
    {
        if (!(seconds is >= 0 and <= MaxSeconds))
            throw new CommandException(Figures.Invariant($"--seconds is at most {MaxSeconds}"));
        DeviceTarget target = words.FindOne(core);
        int queue = QueueOf(target, words);
        RingContents contents = new RingReader(target.Qemu, target.Device, queue)
            .Read(core is null ? TimeSpan.FromSeconds(seconds) : TimeSpan.Zero) ?? throw Gone(target);
        CommandOutput.Write(asJson, writer => RingJson.Write(writer, contents), output => RingText.Write(output, contents));

        return contents.IsBroken ? ExitStatus.Fault : ExitStatus.Success;
    }

    // The one that was named, or the only one there is.
    private static int QueueOf(DeviceTarget target, TargetWords words)
    {
        DeviceState state = new QueueReader(target.Qemu, target.Device).Read() ?? throw Gone(target);
        int[] queues = [.. state.Queues.Where(q => q.Number != 0).Select(q => q.Index!.Value)];
        string there = queues.Length == 0
            ? $"{target.Device.Name} has no queue"
            : $"{target.Device.Name} has {string.Join(", ", queues.Select(q => QueueNames.Of(state, q)))}";
        if (words.Rest is not [var word])
        {
            int[] setUp = [.. queues.Where(q => state.Queues[q].IsSetUp)];
            return setUp.Length == 1 ? setUp[0] : queues.Length == 1 ? queues[0] : throw new CommandException($"which queue? {there}");
        }

        return int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out int queue) && queues.Contains(queue) ? queue
            : throw new CommandException($"there is no queue {word}: {there}");
    }

    private static CommandException Gone(DeviceTarget target) => new($"{target.Device.Name} is gone: unplugged, or its QEMU has ended");
}
