using System.Text.Json;
using Virtap.Binaries;
using Virtap.Binaries.Marks;
using Virtap.Binaries.Types;

namespace Virtap.Cli.Marks;

/// <summary>Marks as one JSON object: path, architecture, marks, each with its sites and for each site its arguments.</summary>
internal static class MarksJson
{
    public static void Write(Utf8JsonWriter writer, string path, Architecture? architecture, IReadOnlyList<Mark> marks)
    {
        writer.WriteStartObject();
        writer.WriteString("path", path);
        writer.WriteString("architecture", ArchitectureNames.NameOf(architecture));
        writer.WriteStartArray("marks");
        foreach (Mark mark in marks)
        {
            writer.WriteStartObject();
            writer.WriteString("provider", mark.Provider);
            writer.WriteString("name", mark.Name);
            writer.WriteString("origin", mark.Origin == MarkOrigin.Sdt ? "sdt" : "recovered");
            writer.WriteStartArray("sites");
            foreach (MarkSite site in mark.Sites)
                WriteSite(writer, site);
            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void WriteSite(Utf8JsonWriter writer, MarkSite site)
    {
        writer.WriteStartObject();
        writer.WriteString("address", $"0x{site.Address:x}");
        writer.WriteNumber("fileOffset", site.FileOffset);
        if (site.SemaphoreFileOffset != 0)
            writer.WriteNumber("semaphoreFileOffset", site.SemaphoreFileOffset);
        if (site.Condition is not null)
            writer.WriteBoolean("conditional", true);
        writer.WriteStartArray("arguments");
        foreach (MarkArgument argument in site.Arguments)
        {
            writer.WriteStartObject();
            if (argument.Name is not null)
                writer.WriteString("name", argument.Name);
            if (argument.Type is { } type and not IntegerType { Name: null })
                writer.WriteString("type", type.ToString());
            writer.WriteBoolean("readable", argument.Value is not null);
            if (argument.Unreadable is not null)
                writer.WriteString("unreadable", argument.Unreadable);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }
}
