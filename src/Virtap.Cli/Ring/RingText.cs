using System.Globalization;
using Virtap.Cli.Rendering;
using Virtap.Cli.Words;
using Virtap.Virtio.Findings;
using Virtap.Virtio.Queues;
using Virtap.Virtio.Rings;

namespace Virtap.Cli.Ring;

/// <summary>
/// The contents of a ring for a person: a line for each descriptor, the first of a request with what there is to say of it.
/// </summary>
internal static class RingText
{
    /// <summary>What the columns mean.</summary>
    public const string Legend = """
        HEAD      split ring: the request's first descriptor; packed ring: its buffer id. With ? it is in flight by the order of the
                  ring's entries alone: QEMU's own copy of it was not found
        AGE       how long it has been in flight, or has waited to be taken, by looks at the ring's indices
        DESC      the descriptor's place in the ring; behind a slash, its place in an indirect table
        ADDRESS   guest-physical address of the piece, and LENGTH its bytes
        DEVICE    whether the device reads the piece or writes it; FLAGS, the descriptor's flags as they are
        """;

    public static void Write(TextOutput output, RingContents contents)
    {
        DeviceState device = contents.Device;
        output.Write(device.Device.Name, Tone.Name);
        output.Write($" {QueueNames.Of(device, contents.QueueIndex)}, QEMU {device.Device.ProcessId}: ");
        output.WriteLine(string.Join(", ", Facts(contents)));
        WriteRequests(
            output, device.VhostStarted == true
            ? "offered and not given back" : "in flight: taken by QEMU and not given back", contents.InFlight, contents);
        WriteRequests(output, "waiting: offered, and not taken by QEMU", contents.Waiting, contents);
        foreach (Finding finding in contents.Findings)
            WriteFinding(output, "the ring", finding);
        foreach (RingRequest request in contents.InFlight.Concat(contents.Waiting))
        {
            foreach (Finding finding in request.Findings)
                WriteFinding(output, $"head {request.Head}", finding);
        }
    }

    private static IEnumerable<string> Facts(RingContents contents)
    {
        DeviceState device = contents.Device;
        yield return $"{(device.IsPacked ? "packed" : "split")} ring of {contents.Queue.Number}";
        yield return device switch
        {
            { VhostStarted: true } => "served by vhost: how far it has taken them, QEMU does not see",
            _ when contents.InFlightCount is not { } count => "what is in flight is not known",
            { IsPacked: true } => $"{Figures.Count(contents.InFlightCount.Value, "descriptor")} in flight",
            _ => $"{Figures.Count(contents.InFlightCount.Value, "request")} in flight",
        };
        if (device.VhostStarted != true)
            yield return contents.Waiting.Count > 0 ? $"{contents.Waiting.Count} waiting"
                : contents.Queue.Guest is null ? "what waits is not known" : "none waiting";
        if (device.VmRunning == false)
            yield return "the machine is paused";
        if (!device.IsLive)
            yield return "in a core: of ages nothing is known";
        else if (contents.Watched > TimeSpan.Zero)
            yield return $"watched for {Figures.Duration(contents.Watched)}";
        if (!contents.IsStill)
            yield return "moving: only what stayed in flight while the ring was read is shown";
        else if (contents.NotShown > 0)
            yield return $"{contents.NotShown} of them not shown: the ring's entries were written over, and QEMU's own copies not found";
    }

    private static void WriteRequests(TextOutput output, string heading, IReadOnlyList<RingRequest> requests, RingContents contents)
    {
        if (requests.Count == 0)
            return;
        output.WriteLine();
        output.WriteLine(heading, Tone.Strong);
        bool isDisk = requests.Any(r => r.Block is not null);
        Column[] columns = [
            new("HEAD", IsNumber: true), new("AGE"), new("DESC", IsNumber: true, Leaves: 3), new("ADDRESS", IsNumber: true, Leaves: 2),
            // A length says nothing without who writes there.
            new("LENGTH", IsNumber: true, Leaves: 4), new("DEVICE", Leaves: 5), new("FLAGS", Leaves: 1)];
        var table = new TextTable(isDisk ? [.. columns[..2], new Column("REQUEST"), .. columns[2..]] : columns);
        foreach (RingRequest request in requests)
        {
            Cell[] head = [new Cell(Number(request.Head) + (request.IsCertain ? "" : " ?"), Tone.Name), AgeOf(request)];
            Cell[] what = isDisk ? [Describe(request.Block)] : [];
            bool isFirst = true;
            int? place = null;
            foreach (RingDescriptor descriptor in request.Descriptors)
            {
                if (!descriptor.IsInTable)
                    place = descriptor.Index;
                Cell[] piece =
                [
                    descriptor.IsInTable
                        && place is not null
                        ? $"{place}/{descriptor.Index}"
                        : Number(descriptor.Index), Figures.Address(descriptor.Address), Number(descriptor.Length),
                    descriptor.IsTable
                        ? "reads table"
                        : descriptor.IsWritten ? "writes" : "reads", new Cell(string.Join(' ', FlagsOf(descriptor)), Tone.Quiet),
                ];
                table.Add(
                    isFirst ? [.. head, .. what, .. piece] : [.. Enumerable.Repeat(new Cell(""), head.Length + what.Length), .. piece]);
                isFirst = false;
            }

            if (isFirst)
                table.Add([.. head, .. what, "-", "-", "-", "-", "-"]);
        }

        table.WriteFitted(output, "  ");
    }

    /// <summary>A descriptor's flags by name.</summary>
    public static IEnumerable<string> FlagsOf(RingDescriptor descriptor) => Enum.GetValues<DescriptorFlags>()
        .Where(f => f != DescriptorFlags.None && descriptor.Flags.HasFlag(f)).Select(f => f.ToString().ToLowerInvariant());

    private static string AgeOf(RingRequest request) => request.Age switch
    {
        null => "not known",
        { AtMost: null, AtLeast: var min } => min > TimeSpan.Zero ? $"at least {Figures.Duration(min)}" : "not known",
        { AtMost: { } max, AtLeast: var min } =>
            min > TimeSpan.Zero ? $"{Figures.Duration(min)} to {Figures.Duration(max)}" : $"at most {Figures.Duration(max)}",
    };

    private static string Describe(BlockRequest? block)
    {
        if (block is null)
            return "";
        string text = block.Name;
        if (block.DataLength > 0)
            text += Figures.Invariant($" {block.DataLength:#,0} bytes");
        if (block.HasSector)
            text += Figures.Invariant($" at sector {block.Sector}");
        return block.Priority == 0 ? text : text + Figures.Invariant($", ioprio 0x{block.Priority:x}");
    }

    private static void WriteFinding(TextOutput output, string subject, Finding finding)
    {
        output.Write(subject + ": ", finding.Kind == FindingKind.Broken ? Tone.Bad : Tone.Caution);
        output.WriteSentence(ObservationWords.Of(finding.What), subject.Length + 2);
    }

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);
}
