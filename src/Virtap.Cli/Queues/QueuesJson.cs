using System.Text.Json;
using Virtap.Cli.Rendering;
using Virtap.Virtio.Queues;

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
        writer.WriteString("time", DateTime.UtcNow);
        writer.WriteStartArray("queues");
        foreach (DeviceSample sample in table.Samples)
        {
            foreach (QueueRates rates in sample.Rates)
                WriteQueue(writer, sample.State, sample.State.Queues[rates.Queue], rates);
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void WriteQueue(Utf8JsonWriter writer, DeviceState device, QueueState queue, QueueRates rates)
    {
        writer.WriteStartObject();
        DeviceJson.WriteIdentity(writer, device.Device);
        writer.WriteNumber("queue", rates.Queue);
        writer.WriteString("role", QueueNames.Role(device, rates.Queue));
        writer.WriteNumber("size", queue.Number);
        writer.WriteBoolean("packed", device.IsPacked);
        writer.WriteBoolean("eventIndex", device.HasEventIndex);
        writer.WriteOptional("vhost", device.VhostStarted);
        writer.WriteOptional("vmRunning", device.VmRunning);
        writer.WriteNumber("seconds", Math.Round(rates.Duration.TotalSeconds, 6));
        writer.WriteNumber("taken", rates.Taken);
        writer.WriteNumber("completed", rates.Completed);
        writer.WriteBoolean("atLeast", rates.IsAtLeast);
        writer.WriteNumber("takenPerSecond", Math.Round(rates.TakenPerSecond, 1));
        writer.WriteNumber("completedPerSecond", Math.Round(rates.CompletedPerSecond, 1));
        writer.WriteNumber("meanInFlight", Math.Round(rates.InFlight, 2));
        writer.WriteNumber("mostInFlight", rates.MostInFlight);
        QueueJson.WriteIndices(writer, queue);
        QueueJson.WriteGuest(writer, queue.Guest);
        writer.WriteEndObject();
    }
}
