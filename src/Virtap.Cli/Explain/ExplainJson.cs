using System.Text.Json;
using Virtap.Cli.Rendering;
using Virtap.Cli.Words;
using Virtap.Virtio.Explanations;
using Virtap.Virtio.Queues;

namespace Virtap.Cli.Explain;

/// <summary>
/// An explanation as one JSON object: stops with their fields and findings, steps between stops (by their index) with theirs.
/// </summary>
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
            FindingJson.Write(writer, step.Findings, ExplanationWords.Of);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteStartArray("unread");
        foreach (UnreadQueue unread in explanation.Unread)
        {
            writer.WriteStartObject();
            writer.WriteNumber("line", unread.Line);
            writer.WriteStrings("fields", unread.Fields);
            writer.WriteStrings("missing", unread.Missing);
            if (unread.NotANumber is { } odd)
                writer.WriteString("notANumber", odd.Field);
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
        writer.WriteBoolean("vhost", stop.Entry.IsVhost);
        QueueJson.WriteIndices(writer, queue);
        FindingJson.Write(writer, stop.Findings, ExplanationWords.Of);
        writer.WriteEndObject();
    }
}
