using System.Diagnostics;
using System.Net.Sockets;
using Virtap.Processes;
using Virtap.Virtio.Devices;
using Virtap.Virtio.Monitors;

namespace Virtap.Virtio.Tests.Monitors;

/// <summary>A monitor that the test plays; a real one is asked in the end-to-end tests.</summary>
public sealed class MonitorCheckTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("virtap-qmp-").FullName;
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly Process _process;

    public MonitorCheckTests()
    {
        string path = Path.Combine(_folder, "qmp");
        _listener.Bind(new UnixDomainSocketEndPoint(path));
        _listener.Listen();
        _process = Process.Start(
            new ProcessStartInfo(
                "/bin/sh") { ArgumentList = { "-c", "sleep 60 & wait", "qemu", "-qmp", $"unix:{path},server=on,wait=off" } })!;
        SpinWait.SpinUntil(() => Target.CommandLine.Count > 4, TimeSpan.FromSeconds(10));
    }

    private LiveProcess Target => LiveProcess.Find(_process.Id)!;

    [Theory]
    [InlineData("""{"return": "virtio-blk-device"}""")]
    [InlineData(
        """{"return": "virtio-net-device"}""",
        "/machine/peripheral/disk0/virtio-backend is of type virtio-net-device, not virtio-blk-device")]
    [InlineData(
        """{"error": {"class": "DeviceNotFound", "desc": "Device not found"}}""",
        "/machine/peripheral/disk0/virtio-backend: Device not found")]
    public async Task What_the_monitor_says_otherwise_is_told(string answer, params string[] differences)
    {
        Task<string> played = PlayAsync("""{"QMP": {"version": {}}}""", """{"return": {}}""", """{"event": "RESUME"}""" + "\n" + answer);

        MonitorCheck? check = await Task.Run(() => MonitorCheck.Of(Target, [Device]), TestContext.Current.CancellationToken);

        Assert.Equal(differences, Assert.IsType<MonitorCheck>(check).Differences);
        Assert.Contains("\"path\": \"/machine/peripheral/disk0/virtio-backend\"", await played, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("220 mail.example.org ESMTP")]
    [InlineData("""{"QMP": {"version": {}}}""", "nonsense")]
    [InlineData("""{"QMP": {"version": {}}}""", """{"return": {}}""", """{"return": 5}""")]
    [InlineData("""{"QMP": {"version": {}}}""", """{"return": {}}""", "[1]")]
    public async Task A_monitor_that_is_none_says_nothing(params string[] lines)
    {
        Task played = PlayAsync(lines);

        Assert.Null(await Task.Run(() => MonitorCheck.Of(Target, [Device]), TestContext.Current.CancellationToken));
        await played;
    }

    [Fact]
    public void A_monitor_that_does_not_greet_is_left_alone() => Assert.Null(MonitorCheck.Of(Target, [Device]));

    public void Dispose()
    {
        _process.Kill(entireProcessTree: true);
        _process.Dispose();
        _listener.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private VirtioDevice Device => new()
    {
        ProcessId = _process.Id,
        Address = 0x1000,
        Kind = "virtio-blk",
        Type = "virtio-blk-device",
        Id = "disk0",
        QomPath = "/machine/peripheral/disk0/virtio-backend",
        QueueArray = 0,
        QueueCount = 0,
    };

    // Writes the first line, then one for each that comes; returns the last that came.
    private async Task<string> PlayAsync(params string[] lines)
    {
        using Socket client = await _listener.AcceptAsync();
        await using var stream = new NetworkStream(client);
        using var reader = new StreamReader(stream);
        string last = "";
        try
        {
            foreach (string line in lines)
            {
                await stream.WriteAsync(System.Text.Encoding.UTF8.GetBytes(line + "\n"));
                if (line != lines[^1])
                    last = await reader.ReadLineAsync() ?? "";
            }
        }
        catch (IOException)
        {
            // It has hung up already.
        }

        return last;
    }
}
