using System.Globalization;
using Virtap.Cli.Rendering;
using Virtap.Virtio.Queues;

namespace Virtap.Cli.Queues;

/// <summary>The table of <c>virtap vq</c>: one row for each queue that is set up.</summary>
/// <param name="samples">What the devices did in the interval.</param>
internal sealed class QueueTable(IReadOnlyList<DeviceSample> samples)
{
    /// <summary>What the columns mean.</summary>
    public const string Legend = """
        AVAIL     avail.idx: what the driver has made available so far, modulo 65536
        TAKEN     last_avail_idx: how far QEMU has taken it
        USED      used_idx: how far QEMU has given it back
        FLIGHT    requests taken and not given back: now, and in the interval the mean and the most
        TAKEN/s   requests taken in a second; with >= where it may have been more (the indices went round too fast)
        DONE/s    requests given back in a second
        KICK AT   when QEMU wants to be kicked: at an index (event_idx), always, or never
        IRQ AT    when the driver wants an interrupt: likewise
        A packed ring has no AVAIL, its indices are positions in the ring, and it counts descriptors.
        """;

    /// <summary>What the devices did in the interval.</summary>
    public IReadOnlyList<DeviceSample> Samples => samples;

    /// <summary>When it was, for a table that stands among others.</summary>
    public string Heading { get; } = Figures.Invariant($"{DateTime.Now:yyyy-MM-dd HH:mm:ss}");

    /// <summary>The devices that have no queue to show; null where all have.</summary>
    public string? Footnote => string.Join(", ", samples.Where(s => s.Rates.Count == 0).Select(s => s.State.Device.Name)) is { Length: > 0 } names ? "no queue is set up of " + names : null;

    /// <summary>As text.</summary>
    public TextTable ToText()
    {
        // The process is worth a column only where there are several.
        bool showsProcess = samples.Select(s => s.State.Device.ProcessId).Distinct().Skip(1).Any();
        Column[] columns =
        [
            new("DEVICE"), new("Q", IsNumber: true), new("ROLE"), new("SIZE", IsNumber: true), new("AVAIL", IsNumber: true), new("TAKEN", IsNumber: true), new("USED", IsNumber: true),
            new("FLIGHT", IsNumber: true), new("MEAN", IsNumber: true), new("MOST", IsNumber: true), new("TAKEN/s", IsNumber: true), new("DONE/s", IsNumber: true),
            new("KICK AT", IsNumber: true), new("IRQ AT", IsNumber: true), new("NOTE"),
        ];
        var table = new TextTable(showsProcess ? [new Column("PID", IsNumber: true), .. columns] : columns);
        foreach (DeviceSample sample in samples)
        {
            string process = sample.State.Device.ProcessId.ToString(CultureInfo.InvariantCulture);
            foreach (QueueRates rates in sample.Rates)
            {
                Cell[] row = Row(sample.State, sample.State.Queues[rates.Queue], rates);
                table.Add(showsProcess ? [process, .. row] : row);
            }
        }

        return table;
    }

    private static Cell[] Row(DeviceState device, QueueState queue, QueueRates rates)
    {
        bool isVhost = device.VhostStarted == true;
        // QEMU does not follow the indices of a queue that vhost serves; the guest's own are live.
        ushort used = isVhost && queue.Guest?.UsedIndex is { } live ? live : queue.UsedIndex;
        Tone busy = rates.Completed > 0 ? Tone.Good : Tone.Plain;
        return
        [
            new Cell(device.Device.Name, Tone.Name), Number(rates.Queue), QueueNames.Role(device, rates.Queue), Number(queue.Number), Number(queue.Guest?.AvailIndex),
            isVhost ? "-" : Number(queue.LastAvailIndex), Number(used), isVhost ? "-" : new Cell(Number(queue.InUse), queue.InUse == queue.Number ? Tone.Caution : Tone.Plain),
            isVhost ? "-" : Figures.Invariant($"{rates.InFlight:0.0}"), isVhost ? "-" : Number(rates.MostInFlight),
            new Cell(Rate(rates.TakenPerSecond, rates.IsAtLeast), busy), new Cell(Rate(rates.CompletedPerSecond, rates.IsAtLeast), busy),
            Wish(queue.Guest?.Device, device), Wish(queue.Guest?.Driver, device), new Cell(Note(device, queue), Tone.Caution),
        ];
    }

    private static string Number(uint? number) => number?.ToString(CultureInfo.InvariantCulture) ?? "-";

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Rate(double rate, bool isAtLeast) => (isAtLeast ? ">=" : "") + Figures.Rate(rate);

    private static string Wish(RingEvent? wish, DeviceState device) => wish switch
    {
        null => "-",
        { Flags: 2, Event: { } position } when device.IsPacked => Number(position & 0x7fff),
        { Flags: var flags } when device.IsPacked => flags == 0 ? "always" : "never",
        { Event: { } index } => Number(index),
        { Flags: var flags } => (flags & 1) == 0 ? "always" : "never",
    };

    private static string Note(DeviceState device, QueueState queue)
    {
        var notes = new List<string>();
        if (device.Broken == true)
            notes.Add("device broken");
        if (device.VmRunning == false)
            notes.Add("paused");
        if (device.VhostStarted == true)
            notes.Add("vhost: not live in QEMU");
        if (device.IsPacked)
            notes.Add("packed");
        if (queue.InUse > 0 && queue.InUse == queue.Number)
            notes.Add("full");
        if (queue.Guest is null)
            notes.Add("ring not visible");
        return string.Join(", ", notes);
    }
}
