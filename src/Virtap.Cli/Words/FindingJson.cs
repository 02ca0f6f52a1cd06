using System.Text.Json;
using Virtap.Virtio.Findings;

namespace Virtap.Cli.Words;

/// <summary>Findings in JSON: each says what it is worth, its words, and what was seen as data.</summary>
internal static class FindingJson
{
    /// <summary>Writes the property <c>findings</c> into the object that is open.</summary>
    /// <param name="writer">The writer.</param>
    /// <param name="findings">The findings.</param>
    /// <param name="words">What to say of each.</param>
    public static void Write(Utf8JsonWriter writer, IReadOnlyList<Finding> findings, Func<Observation, string> words)
    {
        writer.WriteStartArray("findings");
        foreach (Finding finding in findings)
        {
            writer.WriteStartObject();
            writer.WriteString("kind", finding.Kind switch { FindingKind.Broken => "wrong", FindingKind.Caution => "note", _ => "fact" });
            writer.WriteString("text", words(finding.What));
            ObservationJson.Write(writer, "observed", finding.What);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }
}
