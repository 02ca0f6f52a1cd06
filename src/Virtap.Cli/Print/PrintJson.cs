using System.Text.Json;
using Virtap.Cli.Rendering;

namespace Virtap.Cli.Print;

/// <summary>Expressions and their values as one JSON array.</summary>
internal static class PrintJson
{
    public static void Write(Utf8JsonWriter writer, IReadOnlyList<PrintResult> results)
    {
        writer.WriteStartArray();
        foreach (PrintResult result in results)
        {
            writer.WriteStartObject();
            writer.WriteString("expression", result.Expression);
            if (result.Error is { } error)
            {
                writer.WriteString("error", error.Message);
                writer.WriteNumber("errorStart", error.Span.Start);
                writer.WriteNumber("errorLength", error.Span.Length);
            }
            else
            {
                writer.WriteString("type", result.Type);
                if (result.Address is ulong address)
                    writer.WriteAddress("address", address);
                if (result.Number is not null)
                    writer.WriteString("value", result.Text);
            }

            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }
}
