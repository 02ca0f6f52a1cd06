using System.Net.Sockets;
using System.Text.Json;

namespace Virtap.EndToEnd.Guests;

/// <summary>QEMU's machine protocol: one JSON object a line, as much of it as the tests need.</summary>
public sealed class QmpClient : IDisposable
{
    private readonly StreamReader _reader;
    private readonly StreamWriter _writer;

    private QmpClient(NetworkStream stream)
    {
        _reader = new StreamReader(stream);
        _writer = new StreamWriter(stream) { AutoFlush = true, NewLine = "\n" };
    }

    /// <summary>Reads QEMU's greeting and leaves the negotiation mode.</summary>
    public static async Task<QmpClient> StartAsync(NetworkStream stream)
    {
        var client = new QmpClient(stream);
        await client._reader.ReadLineAsync();
        await client.ExecuteAsync("qmp_capabilities");
        return client;
    }

    /// <summary>Runs a command and gives what it returns.</summary>
    /// <param name="command">Its name.</param>
    /// <param name="arguments">Its arguments, as JSON.</param>
    /// <exception cref="InvalidOperationException">QEMU refused it, or is gone.</exception>
    public async Task<JsonElement> ExecuteAsync(string command, string arguments = "{}")
    {
        await _writer.WriteLineAsync($$"""{"execute":"{{command}}","arguments":{{arguments}} }""");
        while (await _reader.ReadLineAsync() is { } line)
        {
            using var document = JsonDocument.Parse(line);
            if (document.RootElement.TryGetProperty("return", out var result))
                return result.Clone();
            if (document.RootElement.TryGetProperty("error", out var error))
                throw new InvalidOperationException($"{command}: {error}");

            // Anything else is an event that nobody asked for.
        }

        throw new InvalidOperationException($"{command}: QEMU is gone");
    }

    /// <inheritdoc/>
    public void Dispose() => _reader.Dispose();
}
