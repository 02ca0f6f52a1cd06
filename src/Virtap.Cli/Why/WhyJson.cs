using System.Text.Json;
using Virtap.Cli.Rendering;
using Virtap.Cli.Words;
using Virtap.Virtio.Queues;
using Virtap.Virtio.Verdicts;
using Virtap.Watch.Diagnoses;
using Virtap.Watch.Targets;

namespace Virtap.Cli.Why;

/// <summary>
/// Diagnoses as one JSON object: devices, each with its verdicts and the last state of its queues. Of a verdict <c>queue</c> is null for
/// the device itself; <c>summary</c>, <c>evidence</c> and <c>next</c> are words for people, which may change, and <c>kind</c>,
/// <c>reason</c>, <c>observed</c> (one for each line of evidence) and <c>advice</c> (one for each line of next) the same as data.
/// <c>leftOut</c> is what could not be looked at: with a name a device, else a machine, or part of one.
/// </summary>
internal static class WhyJson
{
    public static void Write(Utf8JsonWriter writer, IReadOnlyList<Diagnosis> diagnoses, IReadOnlyList<LeftOut> leftOut)
    {
        writer.WriteStartObject();
        writer.WriteBoolean("healthy", leftOut.Count == 0 && diagnoses.All(d => d.IsHealthy));
        writer.WriteStartArray("devices");
        foreach (Diagnosis diagnosis in diagnoses)
        {
            writer.WriteStartObject();
            DeviceJson.WriteIdentity(writer, diagnosis.Device);
            writer.WriteBoolean("live", diagnosis.Last?.IsLive == true);
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
                QueueThreads.Write(writer, diagnosis.Device, queue.Index);
                QueueJson.WriteIndices(writer, queue);
                QueueJson.WriteGuest(writer, queue.Guest);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteStartArray("leftOut");
        foreach (LeftOut what in leftOut)
            WriteLeftOut(writer, what);
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void WriteLeftOut(Utf8JsonWriter writer, LeftOut leftOut)
    {
        writer.WriteStartObject();
        if (leftOut is DeviceLeftOut { Device: var device })
            DeviceJson.WriteUnread(writer, device);
        else
            writer.WriteNumber("pid", leftOut is QemuLeftOut qemu ? qemu.Process.Id : ((TreeCutShort)leftOut).Process.Id);
        writer.WriteString("why", LeftOutWords.Of(leftOut));
        writer.WriteEndObject();
    }

    private static void WriteVerdict(Utf8JsonWriter writer, Verdict verdict)
    {
        writer.WriteStartObject();
        writer.WriteString("verdict", VerdictWords.Of(verdict.Kind));
        writer.WriteBoolean("fault", verdict.IsFault);
        writer.WriteString("certainty", ObservationJson.Name(verdict.Certainty));
        writer.WriteOptional("queue", verdict.Queue);
        if (verdict.Since is { } since)
            writer.WriteString("since", since);
        writer.WriteString("summary", VerdictWords.Summary(verdict));
        writer.WriteStrings("evidence", verdict.Evidence.Select(ObservationWords.Of));
        writer.WriteStrings("next", verdict.Advice.Select(AdviceWords.Of));
        writer.WriteString("kind", ObservationJson.Name(verdict.Kind));
        writer.WriteString("subject", ObservationJson.Name(verdict.Subject.Kind));
        ObservationJson.Write(writer, "reason", verdict.Reason);
        ObservationJson.Write(writer, "observed", verdict.Evidence);
        writer.WriteStartArray("advice");
        foreach (Advice advice in verdict.Advice)
            WriteAdvice(writer, advice);
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void WriteAdvice(Utf8JsonWriter writer, Advice advice)
    {
        writer.WriteStartObject();
        writer.WriteString("kind", ObservationJson.Name(advice.Kind));
        if (advice.About is { } about)
        {
            writer.WritePropertyName("about");
            ObservationJson.Write(writer, about);
        }

        writer.WriteEndObject();
    }
}
