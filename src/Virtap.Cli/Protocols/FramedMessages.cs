using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Virtap.Cli.Protocols;

/// <summary>
/// Messages of JSON with the heads that the language server protocol and the debug adapter protocol have: <c>Content-Length: 17</c>, an
/// empty line, the JSON. One thread reads; whichever want to may send.
/// </summary>
internal sealed class FramedMessages(Stream input, Stream output)
{
    /// <summary>A message of more bytes is none: whoever sends it speaks another protocol.</summary>
    private const int MaxBytes = 64 << 20;

    private readonly Lock _sending = new();

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

    /// <summary>Sends one object.</summary>
    /// <param name="write">Writes its members.</param>
    public void Send(Action<Utf8JsonWriter> write)
    {
        using var content = new MemoryStream();
        using (var writer = new Utf8JsonWriter(content))
        {
            writer.WriteStartObject();
            write(writer);
            writer.WriteEndObject();
        }

        byte[] head = Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"Content-Length: {content.Length}\r\n\r\n"));
        lock (_sending)
        {
            output.Write(head);
            content.WriteTo(output);
            output.Flush();
        }
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
