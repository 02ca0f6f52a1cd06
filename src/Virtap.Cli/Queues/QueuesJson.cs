using System.Text.Json;
using Virtap.Cli.Rendering;
using Virtap.Virtio.Queues;
using Virtap.Watch.Queues;

namespace Virtap.Cli.Queues;

/// <summary>Each interval as one JSON object on one line: time, queues; each queue with its device, state and rates.</summary>
internal static class QueuesJson
{
    public static void Write(IEnumerable<QueueTable> tables)
    {
        foreach (QueueTable table in tables)
            JsonOutput.WriteLine(writer => Write(writer, table));
    }

    private static void Write(Utf8JsonWriter writer, QueueTable table)
    {
        writer.WriteStartObject();
        if (table.IsLive)
            writer.WriteString("time", DateTime.UtcNow);
        else
            writer.WriteNull("time");
        writer.WriteStartArray("queues");
        foreach (DeviceSample sample in table.Samples)
        {
            foreach (QueueRates rates in sample.Rates)
                WriteQueue(writer, sample, sample.State.Queues[rates.Queue], rates);
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void WriteQueue(Utf8JsonWriter writer, DeviceSample sample, QueueState queue, QueueRates rates)
    {
        DeviceState device = sample.State;
        writer.WriteStartObject();
        DeviceJson.WriteIdentity(writer, device.Device);
        writer.WriteNumber("queue", rates.Queue);
        writer.WriteString("role", QueueNames.Role(device, rates.Queue));
        writer.WriteNumber("size", queue.Number);
        QueueThreads.Write(writer, device.Device, rates.Queue);
        writer.WriteBoolean("packed", device.IsPacked);
        writer.WriteBoolean("eventIndex", device.HasEventIndex);
        writer.WriteOptional("vhost", device.VhostStarted);
        writer.WriteOptional("vmRunning", device.VmRunning);
        writer.WriteBoolean("stopped", sample.IsStopped);
        writer.WriteBoolean("live", device.IsLive);
        if (device.IsLive)
            WriteRates(writer, rates);
        if (sample.Traffic is { } traffic)
            WriteTraffic(writer, traffic[rates.Queue]);
        QueueJson.WriteIndices(writer, queue);
        QueueJson.WriteGuest(writer, queue.Guest);
        writer.WriteEndObject();
    }

    private static void WriteRates(Utf8JsonWriter writer, QueueRates rates)
    {
        writer.WriteNumber("seconds", Math.Round(rates.Duration.TotalSeconds, 6));
        writer.WriteNumber("taken", rates.Taken);
        writer.WriteNumber("completed", rates.Completed);
        writer.WriteBoolean("atLeast", rates.IsAtLeast);
        writer.WriteNumber("takenPerSecond", Math.Round(rates.TakenPerSecond, 1));
        writer.WriteNumber("completedPerSecond", Math.Round(rates.CompletedPerSecond, 1));
        writer.WriteNumber("meanInFlight", Math.Round(rates.InFlight, 2));
        writer.WriteNumber("mostInFlight", rates.MaxInFlight);
    }

    private static void WriteTraffic(Utf8JsonWriter writer, QueueTraffic traffic)
    {
        writer.WriteStartObject("trace");
        writer.WriteNumber("seconds", Math.Round(traffic.Duration.TotalSeconds, 6));
        writer.WriteNumber("kicks", traffic.Kicks);
        writer.WriteNumber("polls", traffic.Polls);
        writer.WriteNumber("completed", traffic.Events.Completed);
        writer.WriteNumber("notifications", traffic.Events.Notifications);
        writer.WriteOptional("suppressed", traffic.Suppressed);
        writer.WriteStartObject("requestsPerNotification");
        writer.WriteNumber("p50", traffic.PerNotification.Percentile(0.5));
        writer.WriteNumber("p99", traffic.PerNotification.Percentile(0.99));
        writer.WriteNumber("max", traffic.PerNotification.Maximum);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }
}
