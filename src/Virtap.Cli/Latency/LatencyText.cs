using Virtap.Cli.Rendering;
using Virtap.Tracing.Statistics;
using Virtap.Virtio.Devices;
using Virtap.Watch.Latency;

namespace Virtap.Cli.Latency;

/// <summary>
/// Latency for a person: a table of the queues' stages; of the whole time also a picture of each, and what is not in the figures.
/// </summary>
internal static class LatencyText
{
    private const int BarWidth = 40;
    private const int MaxRows = 16;

    public static void Write(TextOutput output, LatencyReport report, bool hasBlocks)
    {
        VirtioDevice device = report.Device.Device;
        output.Write(device.Name, Tone.Name);
        output.WriteLine(
            $" ({device.Kind}, QEMU {device.ProcessId}), {Figures.Duration(report.Sample.Duration)}, until {DateTime.Now:HH:mm:ss}");
        if (report.Sample.Queues.All(q => q.Completed == 0))
            output.WriteLine("no request was completed");
        else
            ToTable(report).WriteFitted(output);
        if (report.IsWhole)
        {
            foreach (QueueLatency queue in report.Sample.Queues)
            {
                WritePicture(output, $"{QueueNames.Of(report.Device, queue.Queue)}, from taken to completed", queue.Service, hasBlocks);
                WritePicture(output, $"{QueueNames.Of(report.Device, queue.Queue)}, from completed to notified", queue.Notice, hasBlocks);
            }

            output.WriteLine();
            foreach ((string remark, Tone tone) in LatencyRemarks.Of(report))
                output.WriteSentence(remark, 0, tone);
        }
        else
        {
            output.WriteLine();
        }
    }

    private static TextTable ToTable(LatencyReport report)
    {
        var table = new TextTable([
            new("Q", IsNumber: true), new("ROLE", Leaves: 1), new("TIME UNTIL"), new("COUNT", IsNumber: true), new("MEAN", IsNumber: true),
            .. Percentiles.Shown.Select(p => new Column(p.Name.ToUpperInvariant(), IsNumber: true)),
            new("MAX", IsNumber: true),
        ]);
        foreach (QueueLatency queue in report.Sample.Queues)
        {
            string number = Figures.Invariant($"{queue.Queue}"), role = QueueNames.Role(report.Device, queue.Queue);
            table.Add(Row(number, role, "completed", queue.Service));
            bool hasKinds = queue.Reads.Count + queue.Writes.Count > 0;
            foreach ((string kind, Timings timings) in new[] { ("reads", queue.Reads), ("writes", queue.Writes), ("other", queue.Other) })
            {
                if (hasKinds && timings.Count > 0)
                    table.Add(Row("", "", "  " + kind, timings));
            }

            table.Add(Row("", "", "notified", queue.Notice));
        }

        return table;
    }

    private static Cell[] Row(string queue, string role, string stage, Timings timings) =>
    [
        queue, role, stage, Figures.Invariant($"{timings.Count}"), Time(timings, timings.Mean),
        .. Percentiles.Shown.Select(p => Time(timings, timings.Percentile(p.Part))), Time(timings, timings.Max),
    ];

    private static Cell Time(Timings timings, double time) => timings.Count == 0 ? "-" : Figures.Nanoseconds(time);

    private static void WritePicture(TextOutput output, string title, Timings timings, bool hasBlocks)
    {
        if (timings.Count == 0)
            return;
        output.WriteLine();
        output.WriteLine(title, Tone.Strong);
        IReadOnlyList<HistogramBucket> rows = Rows(timings.Histogram);
        long max = rows.Max(r => r.Count);
        int width = Figures.Invariant($"{max}").Length;
        string[] shares = Figures.Shares([.. rows.Select(r => r.Count)]);
        foreach ((HistogramBucket row, string share) in rows.Zip(shares))
        {
            output.Write(
                Figures.Invariant($"  {Figures.Nanoseconds(row.Lowest),7} - {Figures.Nanoseconds(row.Highest + 1.0),7}  "), Tone.Quiet);
            output.Write(
                Figures.Invariant($"{row.Count.ToString(System.Globalization.CultureInfo.InvariantCulture).PadLeft(width)} {share,6}"));
            if (row.Count > 0)
                output.Write("  ");
            output.WriteLine(Bar.Of((double)row.Count / max, BarWidth, hasBlocks), Tone.Name);
        }
    }

    /// <summary>The finest buckets of which there are not too many to show.</summary>
    private static IReadOnlyList<HistogramBucket> Rows(LogLinearHistogram histogram)
    {
        int parts = 32;
        IReadOnlyList<HistogramBucket> rows = histogram.Merge(parts);
        while (rows.Count > MaxRows && parts > 1)
            rows = histogram.Merge(parts /= 2);
        return rows;
    }
}

/// <summary>The percentiles that are shown.</summary>
internal static class Percentiles
{
    /// <summary>Their names, and which part of all they are.</summary>
    public static IReadOnlyList<(string Name, double Part)> Shown { get; } = [("p50", 0.5), ("p90", 0.9), ("p99", 0.99), ("p99.9", 0.999)];
}
