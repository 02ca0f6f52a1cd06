using System.Text.Json;
using Virtap.Cli.Rendering;
using Virtap.Tracing.Statistics;
using Virtap.Watch.Latency;

namespace Virtap.Cli.Latency;

/// <summary>
/// Latency as one JSON object on one line; times are nanoseconds. A bucket is [lowest, highest, count]; buckets of several objects add up.
/// </summary>
internal static class LatencyJson
{
    public static void Write(Utf8JsonWriter writer, LatencyReport report)
    {
        writer.WriteStartObject();
        writer.WriteString("time", DateTime.UtcNow);
        DeviceJson.WriteIdentity(writer, report.Device.Device);
        writer.WriteBoolean("whole", report.IsWhole);
        writer.WriteNumber("seconds", Math.Round(report.Sample.Duration.TotalSeconds, 6));
        writer.WriteNumber("relativeError", LogLinearHistogram.RelativeError);
        writer.WriteOptional("inFlightBefore", report.InFlightBefore);
        writer.WriteNumber("inFlight", report.InFlight);
        writer.WriteNumber("abandoned", report.Sample.Abandoned);
        writer.WriteNumber("skippedProbes", report.Losses.Skipped);
        writer.WriteStartArray("queues");
        foreach (QueueLatency queue in report.Sample.Queues)
        {
            writer.WriteStartObject();
            writer.WriteNumber("queue", queue.Queue);
            writer.WriteString("role", QueueNames.Role(report.Device, queue.Queue));
            Write(writer, "completed", queue.Service);
            Write(writer, "reads", queue.Reads);
            Write(writer, "writes", queue.Writes);
            Write(writer, "other", queue.Other);
            Write(writer, "notified", queue.Notice);
            writer.WriteNumber("decisions", queue.Decisions);
            writer.WriteNumber("notWanted", queue.Unasked);
            writer.WriteNumber("notAnnounced", queue.Waiting);
            writer.WriteNumber("takenBefore", queue.Unknown);
            writer.WriteNumber("lost", queue.Lost);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter writer, string name, Timings timings)
    {
        writer.WriteStartObject(name);
        writer.WriteNumber("count", timings.Count);
        writer.WriteNumber("sum", timings.Sum);
        writer.WriteNumber("mean", Math.Round(timings.Mean, 1));
        foreach ((string percentile, double part) in Percentiles.Shown)
            writer.WriteNumber(percentile, timings.Percentile(part));
        writer.WriteNumber("max", timings.Max);
        writer.WriteStartArray("buckets");
        foreach (HistogramBucket bucket in timings.Histogram.Buckets)
        {
            writer.WriteStartArray();
            writer.WriteNumberValue(bucket.Lowest);
            writer.WriteNumberValue(bucket.Highest);
            writer.WriteNumberValue(bucket.Count);
            writer.WriteEndArray();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }
}
