using System.Text.Json;
using Virtap.Cli.Rendering;
using Virtap.Virtio.Queues;
using Virtap.Virtio.Verdicts;

namespace Virtap.Cli.Why;

/// <summary>Diagnoses as one JSON object: devices, each with its verdicts (<c>queue</c> is null for the device itself) and the last state of its queues.</summary>
internal static class WhyJson
{
    public static void Write(Utf8JsonWriter writer, IReadOnlyList<Diagnosis> diagnoses)
    {
        writer.WriteStartObject();
        writer.WriteBoolean("healthy", diagnoses.All(d => d.IsHealthy));
        writer.WriteStartArray("devices");
        foreach (Diagnosis diagnosis in diagnoses)
        {
            writer.WriteStartObject();
            DeviceJson.WriteIdentity(writer, diagnosis.Device);
            writer.WriteBoolean("live", diagnosis.Last?.IsLive != false);
            writer.WriteBoolean("healthy", diagnosis.IsHealthy);
            writer.WriteBoolean("gone", diagnosis.Last is null);
            writer.WriteNumber("samples", diagnosis.Samples);
            writer.WriteNumber("seconds", Math.Round(diagnosis.Duration.TotalSeconds, 3));
            writer.WriteStartArray("verdicts");
            foreach (Verdict verdict in diagnosis.Verdicts)
                WriteVerdict(writer, verdict);
            writer.WriteEndArray();
            writer.WriteStartArray("queues");
            foreach (QueueState queue in diagnosis.Last?.Queues.Where(q => q.IsSetUp) ?? [])
            {
                writer.WriteStartObject();
                writer.WriteOptional("queue", queue.Index);
                writer.WriteNumber("size", queue.Number);
                QueueJson.WriteIndices(writer, queue);
                QueueJson.WriteGuest(writer, queue.Guest);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void WriteVerdict(Utf8JsonWriter writer, Verdict verdict)
    {
        writer.WriteStartObject();
        writer.WriteString("verdict", VerdictWords.Of(verdict.Kind));
        writer.WriteBoolean("fault", verdict.IsFault);
        writer.WriteString("certainty", verdict.Certainty switch { Certainty.Certain => "certain", Certainty.Likely => "likely", _ => "candidate" });
        writer.WriteOptional("queue", verdict.Queue);
        writer.WriteString("summary", verdict.Summary);
        writer.WriteStrings("evidence", verdict.Evidence);
        writer.WriteStrings("next", verdict.Next);
        writer.WriteEndObject();
    }
}
