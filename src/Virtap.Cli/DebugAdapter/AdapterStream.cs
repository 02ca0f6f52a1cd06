using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Virtap.Cli.Protocols;

namespace Virtap.Cli.DebugAdapter;

/// <summary>A request of the client.</summary>
/// <param name="Number">Its number, which the response repeats.</param>
/// <param name="Command">What is asked for.</param>
/// <param name="Arguments">With what.</param>
internal sealed record AdapterRequest(long Number, string Command, JsonElement Arguments)
{
    private static readonly JsonElement s_none = JsonDocument.Parse("{}").RootElement;

    /// <summary>The arguments as a command has them.</summary>
    /// <exception cref="AdapterException">They are of other kinds.</exception>
    public T Read<T>(JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            return (Arguments.ValueKind == JsonValueKind.Object ? Arguments : s_none).Deserialize(type)!;
        }
        catch (JsonException e)
        {
            throw new AdapterException($"the arguments of {Command} are not the protocol's: {e.Path}");
        }
    }
}

/// <summary>A request that cannot be fulfilled.</summary>
internal sealed class AdapterException(string message) : Exception(message);

/// <summary>Messages of the debug adapter protocol.</summary>
internal sealed class AdapterStream(Stream input, PatientOutput output)
{
    private readonly FramedMessages _frames = new(input, output);
    private long _sent;

    /// <summary>Called when nobody reads any more, by whoever wanted to send something then.</summary>
    public Action ClientGone { get; set; } = static () => { };

    /// <summary>The session is to end: whoever does not read now is waited for no longer.</summary>
    public void Hurry() => output.Hurry();

    /// <summary>The next request; null at the end of the input.</summary>
    /// <exception cref="IOException">What comes is no message.</exception>
    public AdapterRequest? Read()
    {
        while (_frames.Read() is { } message)
        {
            using (message)
            {
                // Responses: this adapter asks nothing.
                JsonElement root = message.RootElement;
                if (root.ValueKind == JsonValueKind.Object && root.TryGetProperty("command", out JsonElement command)
                    && command.ValueKind == JsonValueKind.String && TextOf(root, "type") == "request"
                    && root.TryGetProperty("seq", out JsonElement seq) && seq.ValueKind == JsonValueKind.Number
                    && seq.TryGetInt64(out long number))
                    return new AdapterRequest(
                        number, command.GetString()!, root.TryGetProperty("arguments", out JsonElement given) ? given.Clone() : default);
            }
        }

        return null;
    }

    /// <summary>Answers a request.</summary>
    public void Answer<T>(AdapterRequest request, T body, JsonTypeInfo<T> type) => Respond(request, isSuccess: true, writer =>
    {
        writer.WritePropertyName("body");
        JsonSerializer.Serialize(writer, body, type);
    });

    /// <summary>Answers a request by saying that it was done.</summary>
    public void Answer(AdapterRequest request) => Respond(request, isSuccess: true, static _ => { });

    /// <summary>Answers a request that cannot be fulfilled.</summary>
    /// <param name="request">The request.</param>
    /// <param name="message">Why: a word of the protocol's, or a sentence, which clients show.</param>
    public void Refuse(AdapterRequest request, string message) => Respond(request, isSuccess: false, writer =>
    {
        writer.WriteString("message", message);
        writer.WriteStartObject("body");
        writer.WriteStartObject("error");
        writer.WriteNumber("id", 1);
        // Braces are places of variables there.
        writer.WriteString("format", message.Replace("{", "{{", StringComparison.Ordinal));
        writer.WriteBoolean("showUser", true);
        writer.WriteEndObject();
        writer.WriteEndObject();
    });

    /// <summary>Tells the client of something.</summary>
    public void SendEvent<T>(string name, T body, JsonTypeInfo<T> type) => Send("event", writer =>
    {
        writer.WriteString("event", name);
        writer.WritePropertyName("body");
        JsonSerializer.Serialize(writer, body, type);
    });

    private static string? TextOf(JsonElement root, string name) =>
        root.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private void Respond(AdapterRequest request, bool isSuccess, Action<Utf8JsonWriter> write) => Send("response", writer =>
    {
        writer.WriteNumber("request_seq", request.Number);
        writer.WriteString("command", request.Command);
        writer.WriteBoolean("success", isSuccess);
        write(writer);
    });

    private void Send(string type, Action<Utf8JsonWriter> write)
    {
        try
        {
            _frames.Send(writer =>
            {
                writer.WriteNumber("seq", Interlocked.Increment(ref _sent));
                writer.WriteString("type", type);
                write(writer);
            });
        }
        catch (IOException)
        {
            // The input of one that has hung does not end.
            ClientGone();
        }
    }
}
