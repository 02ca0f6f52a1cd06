using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Virtap.Cli.LanguageServer;

/// <summary>
/// Messages of JSON-RPC 2.0 with heads of the language server protocol: <c>Content-Length: 17</c>, an empty line, the JSON.
/// </summary>
internal sealed class MessageStream(Stream input, Stream output)
{
    /// <summary>A message of more bytes is none: whoever sends it speaks another protocol.</summary>
    private const int MaxBytes = 64 << 20;

    /// <summary>Reads the next message; null at the end of the input.</summary>
    /// <exception cref="IOException">What comes is no message.</exception>
    public JsonDocument? Read()
    {
        int? length = null;
        while (ReadLine() is string line)
        {
            if (line.Length > 0)
            {
                const string Head = "Content-Length:";
                if (line.StartsWith(Head, StringComparison.OrdinalIgnoreCase))
                    length = int.TryParse(line.AsSpan(Head.Length), CultureInfo.InvariantCulture, out int number) ? number : null;
                continue;
            }

            if (length is not (>= 0 and <= MaxBytes))
                throw new IOException("a message without its length");
            byte[] content = new byte[length.Value];
            try
            {
                input.ReadExactly(content);
                return JsonDocument.Parse(content);
            }
            catch (JsonException e)
            {
                throw new IOException("a message that is no JSON", e);
            }
        }

        return null;
    }

    /// <summary>Answers a request.</summary>
    public void Answer<T>(JsonElement id, T? result, JsonTypeInfo<T> type)
        where T : class => Send(writer =>
    {
        writer.WritePropertyName("id");
        id.WriteTo(writer);
        writer.WritePropertyName("result");
        if (result is null)
            writer.WriteNullValue();
        else
            JsonSerializer.Serialize(writer, result, type);
    });

    /// <summary>Answers a request that cannot be fulfilled.</summary>
    public void Refuse(JsonElement id, ResponseError error) => Send(writer =>
    {
        writer.WritePropertyName("id");
        id.WriteTo(writer);
        writer.WritePropertyName("error");
        JsonSerializer.Serialize(writer, error, Messages.Default.ResponseError);
    });

    /// <summary>Tells the client something that it did not ask for.</summary>
    public void Notify<T>(string method, T parameters, JsonTypeInfo<T> type) => Send(writer =>
    {
        writer.WriteString("method", method);
        writer.WritePropertyName("params");
        JsonSerializer.Serialize(writer, parameters, type);
    });

    private void Send(Action<Utf8JsonWriter> write)
    {
        using var content = new MemoryStream();
        using (var writer = new Utf8JsonWriter(content))
        {
            writer.WriteStartObject();
            writer.WriteString("jsonrpc", "2.0");
            write(writer);
            writer.WriteEndObject();
        }

        output.Write(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"Content-Length: {content.Length}\r\n\r\n")));
        content.WriteTo(output);
        output.Flush();
    }

    private string? ReadLine()
    {
        const int MaxLength = 1000;
        var line = new StringBuilder();
        for (int next = input.ReadByte(); next >= 0; next = input.ReadByte())
        {
            if (next == '\n')
                return line.ToString().TrimEnd('\r');
            if (line.Append((char)next).Length > MaxLength)
                throw new IOException("a line that is no head of a message");
        }

        return null;
    }
}
