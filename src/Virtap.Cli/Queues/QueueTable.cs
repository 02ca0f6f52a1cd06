using System.Globalization;
using Virtap.Cli.Rendering;
using Virtap.Virtio.Queues;
using Virtap.Watch.Queues;

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
        SERVED BY where a device has several: the thread of QEMU that serves the queue
        A packed ring has no AVAIL, its indices are positions in the ring, and it counts descriptors.
        """;

    /// <summary>What the columns of <c>--trace</c> mean.</summary>
    public const string TraceLegend = """
        KICK/s    times that a kick of the driver woke QEMU
        POLL/s    times that QEMU found work in the queue by itself: an iothread that polls
        IRQ/s     notifications (interrupts) sent to the driver
        NO IRQ/s  times that QEMU had completed something, and the driver wanted no notification
        REQ/IRQ   requests completed from one notification to the next: the median, 99 of 100 within P99, and the most
        """;

    // What a narrow terminal does without, in this order; the last ones say what is the matter.
    private static readonly string[] s_leaving =
        ["MEAN", "SIZE", "MOST", "ROLE", "SERVED BY", "P99", "POLL/s", "IRQ AT", "KICK AT", "MAX", "TAKEN/s", "NO IRQ/s", "USED", "NOTE"];

    // Worth a column only where queues of one device are served by different threads.
    private bool ShowsThreads => samples.Any(s => s.State.VhostStarted != true && QueueThreads.Differ(s.State.Device));

    private bool IsTraced => samples.Any(s => s.Traffic is not null);

    /// <summary>What the devices did in the interval.</summary>
    public IReadOnlyList<DeviceSample> Samples => samples;

    /// <summary>Whether it is of QEMUs that run.</summary>
    public bool IsLive => samples.All(s => s.State.IsLive);

    /// <summary>When it was, for a table that stands among others.</summary>
    public string Heading { get; } = samples.All(s => s.State.IsLive)
        ? Figures.Invariant($"{DateTime.Now:yyyy-MM-dd HH:mm:ss}") : "one look at a core: no rates";

    /// <summary>The devices that have no queue to show; null where all have.</summary>
    public string? Footnote =>
        string.Join(", ", samples.Where(s => s.Rates.Count == 0).Select(s => s.State.Device.Name)) is { Length: > 0 } names
        ? "no queue is set up of " + names : null;

    /// <summary>As text.</summary>
    public TextTable ToText()
    {
        // The process is worth a column only where there are several.
        bool showsProcess = samples.Select(s => s.State.Device.ProcessId).Distinct().Skip(1).Any();
        Column[] columns = IsTraced
            ? [.. Numbers("FLIGHT", "MOST", "TAKEN/s", "DONE/s", "KICK/s", "POLL/s", "IRQ/s", "NO IRQ/s", "REQ/IRQ", "P99", "MAX")]
            : [.. Numbers("AVAIL", "TAKEN", "USED", "FLIGHT", "MEAN", "MOST", "TAKEN/s", "DONE/s", "KICK AT", "IRQ AT")];
        Column[] served = ShowsThreads ? [new("SERVED BY", Leaves: LeavesAs("SERVED BY"))] : [];
        columns = [new("DEVICE"), .. Numbers("Q"), new("ROLE", Leaves: LeavesAs("ROLE")), .. served, .. Numbers("SIZE"), .. columns,
            new("NOTE", Leaves: LeavesAs("NOTE"))];
        var table = new TextTable(showsProcess ? [new Column("PID", IsNumber: true), .. columns] : columns);
        foreach (DeviceSample sample in samples)
        {
            string process = sample.State.Device.ProcessId.ToString(CultureInfo.InvariantCulture);
            foreach (QueueRates rates in sample.Rates)
            {
                Cell[] row = Row(sample, sample.State.Queues[rates.Queue], rates);
                table.Add(showsProcess ? [process, .. row] : row);
            }
        }

        return table;
    }

    private static IEnumerable<Column> Numbers(params IEnumerable<string> headings) =>
        headings.Select(heading => new Column(heading, IsNumber: true, LeavesAs(heading)));

    private static int LeavesAs(string heading) => Array.IndexOf(s_leaving, heading) + 1;

    private Cell[] Row(DeviceSample sample, QueueState queue, QueueRates rates)
    {
        DeviceState device = sample.State;
        bool isVhost = device.VhostStarted == true;
        // QEMU does not follow the indices of a queue that vhost serves; the guest's own are live.
        ushort used = isVhost && queue.Guest?.UsedIndex is { } live ? live : queue.UsedIndex;
        bool hasRates = device.IsLive;
        Tone busy = rates.Completed > 0 ? Tone.Good : Tone.Plain;
        Cell[] indices = [Number(queue.Guest?.AvailIndex), isVhost ? "-" : Number(queue.LastAvailIndex), Number(used)];
        Cell[] wishes = [Wish(queue.Guest?.Device, device), Wish(queue.Guest?.Driver, device)];
        Cell now = isVhost ? "-" : new Cell(Number(queue.InUse), queue.InUse == queue.Number ? Tone.Caution : Tone.Plain);
        Cell mean = isVhost || !hasRates ? "-" : Figures.Invariant($"{rates.InFlight:0.0}"), max = isVhost
            || !hasRates ? "-" : Number(rates.MaxInFlight);
        Cell[] work = hasRates
            ? [
                new Cell(Rate(rates.TakenPerSecond, rates.IsAtLeast), busy),
                new Cell(Rate(rates.CompletedPerSecond, rates.IsAtLeast), busy)] : ["-", "-"];
        return
        [
            new Cell(device.Device.Name, Tone.Name), Number(rates.Queue), QueueNames.Role(device, rates.Queue),
            .. ShowsThreads ? [QueueThreads.Of(device.Device, rates.Queue)] : (Cell[])[],
            Number(queue.Number),
            .. IsTraced
                ? [now, max, .. work, .. Traffic(sample.Traffic?[rates.Queue])]
                : (Cell[])[.. indices, now, mean, max, .. work, .. wishes],
            new Cell(Note(sample, queue), Tone.Caution),
        ];
    }

    private static Cell[] Traffic(QueueTraffic? traffic)
    {
        if (traffic is null)
            return ["-", "-", "-", "-", "-", "-", "-"];
        bool isNotified = traffic.PerNotification.Count > 0;
        return
        [
            PerSecond(traffic.Kicks), PerSecond(traffic.Polls), PerSecond(traffic.Events.Notifications), PerSecond(traffic.Suppressed),
            Size(traffic.PerNotification.Percentile(0.5)), Size(traffic.PerNotification.Percentile(0.99)),
            Size(traffic.PerNotification.Maximum),
        ];

        Cell PerSecond(long? count) => count is { } number ? Figures.Rate(traffic.PerSecond(number)) : "-";

        Cell Size(long size) => isNotified ? Figures.Invariant($"{size}") : "-";
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

    private static string Note(DeviceSample sample, QueueState queue)
    {
        DeviceState device = sample.State;
        var notes = new List<string>();
        if (sample.IsStopped)
            notes.Add("QEMU is stopped");
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
            notes.Add(device.IsLive ? "ring not visible" : "ring not in this core");
        return string.Join(", ", notes);
    }
}
