using System.Globalization;
using System.IO.Pipes;
using System.Text;
using System.Text.Json.Nodes;
using Virtap.Cli.Run;

namespace Virtap.Cli.Tests.LanguageServer;

/// <summary>An editor: a client of the language server over two pipes, which knows the protocol and none of the server's types.</summary>
internal sealed class EditorClient : IDisposable
{
    private readonly AnonymousPipeServerStream _toServer = new(PipeDirection.Out), _fromServer = new(PipeDirection.In);
    private readonly Task<bool> _server;
    private readonly Queue<JsonNode> _notifications = new();
    private int _lastId;

    public EditorClient()
    {
        var input = new AnonymousPipeClientStream(PipeDirection.In, _toServer.ClientSafePipeHandle);
        var output = new AnonymousPipeClientStream(PipeDirection.Out, _fromServer.ClientSafePipeHandle);
        _server = Task.Run(() =>
        {
            using (input)
            using (output)
            using (var run = new ScriptRun(new RunOptions()))
                return run.Serve(input, output);
        });
    }

    /// <summary>Sends a request and returns its whole answer.</summary>
    public JsonNode Ask(string method, JsonNode? parameters = null)
    {
        int id = ++_lastId;
        Send(new JsonObject { ["jsonrpc"] = "2.0", ["id"] = id, ["method"] = method, ["params"] = parameters });
        while (true)
        {
            JsonNode message = Read();
            if (message["id"] is { } answered)
            {
                Assert.Equal(id, answered.GetValue<int>());
                return message;
            }

            _notifications.Enqueue(message);
        }
    }

    /// <summary>Sends a notification.</summary>
    public void Tell(string method, JsonNode? parameters = null) =>
        Send(new JsonObject { ["jsonrpc"] = "2.0", ["method"] = method, ["params"] = parameters });

    /// <summary>The next notification of the server's.</summary>
    public JsonNode NextNotification() => _notifications.TryDequeue(out JsonNode? known) ? known : Read();

    /// <summary>Says goodbye; returns whether the server took it for one.</summary>
    public async Task<bool> ExitAsync()
    {
        Ask("shutdown");
        Tell("exit");
        return await _server;
    }

    public void Send(JsonNode message) => SendRaw(message.ToJsonString());

    public void SendRaw(string content)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(content);
        _toServer.Write(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"Content-Length: {bytes.Length}\r\n\r\n")));
        _toServer.Write(bytes);
        _toServer.Flush();
    }

    public void Dispose()
    {
        _toServer.Dispose();
        _fromServer.Dispose();
    }

    private JsonNode Read()
    {
        int length = 0;
        while (true)
        {
            var line = new StringBuilder();
            for (int next = _fromServer.ReadByte(); next != '\n'; next = _fromServer.ReadByte())
            {
                if (next < 0)
                    throw new EndOfStreamException("the server has ended", _server.Exception);
                line.Append((char)next);
            }

            string head = line.ToString().TrimEnd('\r');
            if (head.Length == 0)
                break;
            if (head.StartsWith("Content-Length: ", StringComparison.Ordinal))
                length = int.Parse(head["Content-Length: ".Length..], CultureInfo.InvariantCulture);
        }

        byte[] content = new byte[length];
        _fromServer.ReadExactly(content);
        return JsonNode.Parse(content)!;
    }
}
