using System.Text.Json;
using Virtap.Virtio.Verdicts;

namespace Virtap.Cli.Rendering;

/// <summary>Findings in JSON.</summary>
internal static class FindingJson
{
    /// <summary>Writes the property <c>findings</c> into the object that is open.</summary>
    public static void Write(Utf8JsonWriter writer, IReadOnlyList<Finding> findings)
    {
        writer.WriteStartArray("findings");
        foreach (Finding finding in findings)
        {
            writer.WriteStartObject();
            writer.WriteString("kind", finding.Kind switch { FindingKind.Broken => "wrong", FindingKind.Caution => "note", _ => "fact" });
            writer.WriteString("text", finding.Text);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }
}
