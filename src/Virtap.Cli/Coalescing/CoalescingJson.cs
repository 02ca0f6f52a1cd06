using System.Text.Json;
using Virtap.Cli.Rendering;
using Virtap.Watch.Coalescing;
using Virtap.Watch.Targets;

namespace Virtap.Cli.Coalescing;

/// <summary>
/// Requests per notification as one JSON object. <c>times</c> are rows of [least, most, count]: how many notifications announced so many
/// requests; the last row has no most.
/// </summary>
internal static class CoalescingJson
{
    public static void Write(Utf8JsonWriter writer, DeviceTarget target, CoalescingReport report)
    {
        writer.WriteStartObject();
        DeviceJson.WriteIdentity(writer, target.Device);
        writer.WriteNumber("requests", report.Requests);
        writer.WriteNumber("notifications", report.Notifications);
        writer.WriteNumber("skippedProbes", report.Skipped);
        writer.WriteStartArray("times");
        foreach ((_, long min, long max) in CoalescingText.Rows)
        {
            writer.WriteStartArray();
            writer.WriteNumberValue(min);
            if (max == long.MaxValue)
                writer.WriteNullValue();
            else
                writer.WriteNumberValue(max);
            writer.WriteNumberValue(report.TimesWithin(min, max));
            writer.WriteEndArray();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }
}
