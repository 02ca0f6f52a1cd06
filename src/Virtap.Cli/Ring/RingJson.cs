using System.Text.Json;
using Virtap.Cli.Rendering;
using Virtap.Cli.Words;
using Virtap.Virtio.Queues;
using Virtap.Virtio.Rings;

namespace Virtap.Cli.Ring;

/// <summary>
/// The contents of a ring as one JSON object: the queue's state, then the requests in flight and waiting, each with its descriptors.
/// </summary>
internal static class RingJson
{
    public static void Write(Utf8JsonWriter writer, RingContents contents)
    {
        DeviceState device = contents.Device;
        writer.WriteStartObject();
        DeviceJson.WriteIdentity(writer, device.Device);
        writer.WriteBoolean("live", device.IsLive);
        writer.WriteNumber("queue", contents.QueueIndex);
        writer.WriteString("role", QueueNames.Role(device, contents.QueueIndex));
        writer.WriteNumber("size", contents.Queue.Number);
        writer.WriteBoolean("packed", device.IsPacked);
        writer.WriteBoolean("eventIndex", device.HasEventIndex);
        writer.WriteOptional("vhost", device.VhostStarted);
        writer.WriteOptional("vmRunning", device.VmRunning);
        QueueJson.WriteIndices(writer, contents.Queue);
        QueueJson.WriteGuest(writer, contents.Queue.Guest);
        writer.WriteNumber("seconds", Math.Round(contents.Watched.TotalSeconds, 3));
        writer.WriteNumber("looks", contents.Looks);
        writer.WriteBoolean("still", contents.IsStill);
        writer.WriteBoolean("broken", contents.IsBroken);
        writer.WriteOptional("inFlightCount", contents.InFlightCount);
        writer.WriteNumber("notShown", contents.NotShown);
        WriteRequests(writer, "inFlight", contents.InFlight);
        WriteRequests(writer, "waiting", contents.Waiting);
        FindingJson.Write(writer, contents.Findings, ObservationWords.Of);
        writer.WriteEndObject();
    }

    private static void WriteRequests(Utf8JsonWriter writer, string name, IReadOnlyList<RingRequest> requests)
    {
        writer.WriteStartArray(name);
        foreach (RingRequest request in requests)
        {
            writer.WriteStartObject();
            writer.WriteNumber("head", request.Head);
            writer.WriteOptional("offeredAt", request.OfferedAt);
            writer.WriteBoolean("certain", request.IsCertain);
            WriteSeconds(writer, "ageAtLeastSeconds", request.Age?.AtLeast);
            WriteSeconds(writer, "ageAtMostSeconds", request.Age?.AtMost);
            if (request.Block is { } block)
                WriteBlock(writer, block);
            else
                writer.WriteNull("block");
            writer.WriteStartArray("descriptors");
            foreach (RingDescriptor descriptor in request.Descriptors)
            {
                writer.WriteStartObject();
                writer.WriteNumber("index", descriptor.Index);
                writer.WriteBoolean("inTable", descriptor.IsInTable);
                writer.WriteAddress("address", descriptor.Address);
                writer.WriteNumber("length", descriptor.Length);
                writer.WriteBoolean("deviceWrites", descriptor.IsWritten);
                writer.WriteStrings("flags", RingText.FlagsOf(descriptor));
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            FindingJson.Write(writer, request.Findings, ObservationWords.Of);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static void WriteBlock(Utf8JsonWriter writer, BlockRequest block)
    {
        writer.WriteStartObject("block");
        writer.WriteString("type", block.Name);
        writer.WriteNumber("typeNumber", block.Type);
        writer.WriteNumber("ioprio", block.Priority);
        writer.WriteNumber("sector", block.Sector);
        writer.WriteNumber("bytes", block.DataLength);
        writer.WriteEndObject();
    }

    private static void WriteSeconds(Utf8JsonWriter writer, string name, TimeSpan? time)
    {
        if (time is { } value)
            writer.WriteNumber(name, Math.Round(value.TotalSeconds, 4));
        else
            writer.WriteNull(name);
    }
}
