using System.Text.Json;
using Virtap.Cli.Rendering;
using Virtap.Virtio.Explanations;
using Virtap.Virtio.Queues;
using Virtap.Virtio.Verdicts;

namespace Virtap.Cli.Explain;

/// <summary>An explanation as one JSON object: stops with their fields and findings, steps between stops (by their index) with theirs.</summary>
internal static class ExplainJson
{
    public static void Write(Utf8JsonWriter writer, QueueExplanation explanation)
    {
        writer.WriteStartObject();
        writer.WriteStartArray("stops");
        foreach (ExplainedStop stop in explanation.Stops)
            WriteStop(writer, stop);
        writer.WriteEndArray();
        writer.WriteStartArray("steps");
        foreach (ExplainedStep step in explanation.Steps)
        {
            writer.WriteStartObject();
            writer.WriteNumber("from", step.From);
            writer.WriteNumber("to", step.To);
            FindingJson.Write(writer, step.Findings);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void WriteStop(Utf8JsonWriter writer, ExplainedStop stop)
    {
        QueueState queue = stop.Entry.Queue;
        writer.WriteStartObject();
        writer.WriteNumber("line", stop.Entry.Line);
        writer.WriteAddress("device", stop.Entry.Device);
        writer.WriteOptional("queue", queue.Index);
        writer.WriteNumber("size", queue.Number);
        writer.WriteBoolean("packed", stop.IsPacked);
        QueueJson.WriteIndices(writer, queue);
        FindingJson.Write(writer, stop.Findings);
        writer.WriteEndObject();
    }
}
