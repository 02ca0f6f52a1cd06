using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Virtap.Cli.Protocols;

namespace Virtap.Cli.LanguageServer;

/// <summary>Messages of JSON-RPC 2.0, as the language server protocol has them.</summary>
internal sealed class MessageStream(Stream input, Stream output)
{
    private readonly FramedMessages _frames = new(input, output);

    /// <summary>Reads the next message; null at the end of the input.</summary>
    /// <exception cref="IOException">What comes is no message.</exception>
    public JsonDocument? Read() => _frames.Read();

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

    private void Send(Action<Utf8JsonWriter> write) => _frames.Send(writer =>
    {
        writer.WriteString("jsonrpc", "2.0");
        write(writer);
    });
}
