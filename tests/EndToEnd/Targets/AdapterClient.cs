using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace Virtap.EndToEnd.Targets;

/// <summary>An editor, as far as a debug adapter sees it: requests, their responses, and events.</summary>
public sealed class AdapterClient : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(1);

    private readonly BlockingCollection<JsonObject> _come = [];
    private readonly List<JsonObject> _kept = [];
    private readonly Thread _reader;
    private int _sent;

    public AdapterClient()
    {
        Process = Command.Start(VirtapProcess.Binary, ["debug", "--dap"]);
        _reader = new Thread(Read) { IsBackground = true };
        _reader.Start();
    }

    public Process Process { get; }

    /// <summary>Asks for something that is done.</summary>
    /// <returns>The body of the response.</returns>
    public JsonNode? Ask(string command, JsonObject? arguments = null)
    {
        JsonObject response = Response(Send(command, arguments));
        Assert.True(response["success"]!.GetValue<bool>(), $"{command}: {response.ToJsonString()}");
        return response["body"];
    }

    /// <summary>Asks for something that is refused.</summary>
    /// <returns>The message.</returns>
    public string Refused(string command, JsonObject? arguments = null)
    {
        JsonObject response = Response(Send(command, arguments));
        Assert.False(response["success"]!.GetValue<bool>(), $"{command}: {response.ToJsonString()}");
        return response["message"]!.GetValue<string>();
    }

    /// <summary>Waits for an event.</summary>
    /// <returns>Its body.</returns>
    public JsonNode Event(string name) =>
        Wait(message => message["type"]!.GetValue<string>() == "event" && message["event"]!.GetValue<string>() == name)["body"]!;

    /// <summary>Events of a name that have come and were not waited for.</summary>
    public IEnumerable<JsonNode> Passed(string name) =>
        _kept.Where(message => message["event"]?.GetValue<string>() == name).Select(static message => message["body"]!);

    /// <summary>Sends bytes as they are.</summary>
    public void SendRaw(string text)
    {
        Process.StandardInput.BaseStream.Write(Encoding.UTF8.GetBytes(text));
        Process.StandardInput.BaseStream.Flush();
    }

    /// <summary>Sends a request.</summary>
    /// <returns>Its number.</returns>
    public int Send(string command, JsonObject? arguments = null)
    {
        int number = ++_sent;
        var message = new JsonObject { ["seq"] = number, ["type"] = "request", ["command"] = command, ["arguments"] = arguments };
        string text = message.ToJsonString();
        SendRaw(string.Create(CultureInfo.InvariantCulture, $"Content-Length: {Encoding.UTF8.GetByteCount(text)}\r\n\r\n{text}"));
        return number;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Process.StandardInput.Close();
        Process.WaitForExit(s_patience);
        _reader.Join(s_patience);
        Process.Dispose();
        _come.Dispose();
    }

    private JsonObject Response(int number) =>
        Wait(message => message["type"]!.GetValue<string>() == "response" && message["request_seq"]!.GetValue<int>() == number);

    private JsonObject Wait(Func<JsonObject, bool> isMeant)
    {
        if (_kept.Find(message => isMeant(message)) is { } kept)
        {
            _kept.Remove(kept);
            return kept;
        }

        while (_come.TryTake(out JsonObject? message, s_patience))
        {
            if (isMeant(message))
                return message;
            _kept.Add(message);
        }

        string others = string.Join('\n', _kept.Select(static message => message.ToJsonString()));
        throw new TimeoutException("what was waited for did not come; what came: " + others);
    }

    private void Read()
    {
        Stream stream = Process.StandardOutput.BaseStream;
        while (true)
        {
            int length = -1;
            while (Line(stream) is { } line && line.Length > 0)
                length = int.Parse(line.AsSpan("Content-Length: ".Length), CultureInfo.InvariantCulture);
            if (length < 0)
            {
                _come.CompleteAdding();
                return;
            }

            byte[] content = new byte[length];
            stream.ReadExactly(content);
            _come.Add(JsonNode.Parse(content)!.AsObject());
        }
    }

    private static string? Line(Stream stream)
    {
        var line = new StringBuilder();
        for (int next = stream.ReadByte(); next >= 0; next = stream.ReadByte())
        {
            if (next == '\n')
                return line.ToString().TrimEnd('\r');
            line.Append((char)next);
        }

        return null;
    }
}
