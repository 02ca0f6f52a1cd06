using System.Text.Json;
using Virtap.Virtio.Findings;

namespace Virtap.Cli.Words;

/// <summary>
/// Observations in JSON: <c>{"kind": "unreadKicks", "fields": [{"name": "eventfd-count", "value": 0, "by": "host"}]}</c>. A field's value
/// is a number, a boolean, a text, an address (a text, <c>"0x1000"</c>), or seconds where its name ends in <c>Seconds</c>; null where it
/// is not known. <c>by</c> is who says so: <c>guest</c> (guest memory), <c>qemu</c> (QEMU's own structures), <c>host</c> (the host's
/// kernel), <c>virtap</c> (counted, measured or calculated).
/// </summary>
internal static class ObservationJson
{
    /// <summary>Writes an observation as a property, null for none.</summary>
    public static void Write(Utf8JsonWriter writer, string name, Observation? what)
    {
        writer.WritePropertyName(name);
        if (what is null)
            writer.WriteNullValue();
        else
            Write(writer, what);
    }

    /// <summary>Writes an array of observations as a property.</summary>
    public static void Write(Utf8JsonWriter writer, string name, IEnumerable<Observation> all)
    {
        writer.WriteStartArray(name);
        foreach (Observation what in all)
            Write(writer, what);
        writer.WriteEndArray();
    }

    /// <summary>A name of the code as JSON has it: <c>LostKick</c> is <c>lostKick</c>.</summary>
    public static string Name(Enum value) => JsonNamingPolicy.CamelCase.ConvertName(value.ToString());

    /// <summary>Writes a field as an object.</summary>
    public static void Write(Utf8JsonWriter writer, Field field)
    {
        writer.WriteStartObject();
        writer.WriteString("name", field.Value.Duration is null ? field.Name : field.Name + "Seconds");
        writer.WritePropertyName("value");
        Write(writer, field.Value);
        writer.WriteString("by", Name(field.By));
        writer.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter writer, Observation what)
    {
        writer.WriteStartObject();
        writer.WriteString("kind", what.Name);
        writer.WriteStartArray("fields");
        foreach (Field field in what.Fields)
            Write(writer, field);
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter writer, FieldValue value)
    {
        switch (value)
        {
            case { Number: { } address, IsAddress: true }:
                writer.WriteStringValue($"0x{(ulong)address:x}");
                break;
            case { Number: { } number }:
                writer.WriteNumberValue(number);
                break;
            case { Duration: { } duration }:
                writer.WriteNumberValue(Math.Round(duration.TotalSeconds, 3));
                break;
            case { Flag: { } flag }:
                writer.WriteBooleanValue(flag);
                break;
            default:
                writer.WriteStringValue(value.Text);
                break;
        }
    }
}
