using System.Net.Sockets;
using System.Text.Json;

namespace Virtap.Virtio.Monitors;

/// <summary>QEMU's machine protocol (docs/interop/qmp-spec.rst): one JSON object a line. A monitor serves one client at a time.</summary>
internal sealed class QmpClient : IDisposable
{
    private readonly NetworkStream _stream;
    private readonly StreamReader _reader;

    /// <summary>
    /// Takes a connection, waits for the greeting and leaves the negotiation mode. The connection is the client's from now on.
    /// </summary>
    /// <exception cref="IOException">Nobody greets in time, or it is no QMP.</exception>
    public QmpClient(Socket connection)
    {
        _stream = new NetworkStream(connection, ownsSocket: true);
        _reader = new StreamReader(_stream);
        try
        {
            if (_reader.ReadLine()?.StartsWith("{\"QMP\"", StringComparison.Ordinal) != true)
                throw new IOException("no greeting of QMP");
            Execute("qmp_capabilities");
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Connects to a monitor's socket.</summary>
    /// <param name="path">The socket.</param>
    /// <param name="patience">How long it may take to greet, and to answer.</param>
    /// <exception cref="SocketException">Nobody listens there.</exception>
    /// <exception cref="IOException">It is somebody else's at the moment, or no QMP.</exception>
    public static QmpClient Connect(string path, TimeSpan patience)
    {
        int milliseconds = (int)patience.TotalMilliseconds;
        var connection = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified)
        {
            ReceiveTimeout = milliseconds,
            SendTimeout = milliseconds,
        };
        try
        {
            connection.Connect(new UnixDomainSocketEndPoint(path));
            return new QmpClient(connection);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>Runs a command.</summary>
    /// <param name="command">Its name.</param>
    /// <param name="arguments">Its arguments, as a JSON object.</param>
    /// <returns>The answer: an object with <c>return</c> or with <c>error</c>.</returns>
    /// <exception cref="IOException">There is no answer in time.</exception>
    /// <exception cref="JsonException">The answer is no JSON.</exception>
    public JsonElement Execute(string command, string arguments = "{}")
    {
        _stream.Write(System.Text.Encoding.UTF8.GetBytes($$"""{"execute": "{{command}}", "arguments": {{arguments}}}""" + "\n"));
        while (_reader.ReadLine() is { } line)
        {
            using JsonDocument document = JsonDocument.Parse(line);
            // Events come in between.
            if (!document.RootElement.TryGetProperty("event", out _))
                return document.RootElement.Clone();
        }

        throw new IOException("the monitor hung up");
    }

    /// <inheritdoc/>
    public void Dispose() => _reader.Dispose();
}
