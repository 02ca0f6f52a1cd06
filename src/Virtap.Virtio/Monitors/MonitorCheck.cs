using System.Net.Sockets;
using System.Text.Json;
using Virtap.Processes;
using Virtap.Virtio.Devices;

namespace Virtap.Virtio.Monitors;

/// <summary>
/// What a QEMU's own monitor says to the names that were read from its memory. Only asked where a QMP socket is at hand and free: a monitor
/// serves one client at a time, and one that does not greet at once is somebody else's.
/// </summary>
/// <param name="Socket">The socket, as QEMU knows it.</param>
/// <param name="Differences">What the monitor says otherwise; empty where all names are right.</param>
public sealed record MonitorCheck(string Socket, IReadOnlyList<string> Differences)
{
    // A monitor that is free answers in a millisecond or two, if QEMU's main loop is free.
    private static readonly TimeSpan s_patience = TimeSpan.FromMilliseconds(100);

    // sun_path of struct sockaddr_un.
    private const int LongestPath = 107;

    /// <summary>Asks; null where there is no monitor to ask, or it does not answer.</summary>
    /// <param name="process">The QEMU.</param>
    /// <param name="devices">Its devices; those without a path in the object model are left out.</param>
    public static MonitorCheck? Of(LiveProcess process, IEnumerable<VirtioDevice> devices)
    {
        (string Path, string Type)[] names =
            [.. devices.Where(static device => device.QomPath is not null).Select(static device => (device.QomPath!, device.Type))];
        if (names.Length == 0 || new QemuArguments(process.CommandLine).MonitorPath is not { } socket)
            return null;
        string path = socket.StartsWith('/') ? process.RootPath + socket : Path.Combine(process.WorkingPath, socket);
        if (path.Length > LongestPath)
            return null;
        try
        {
            using var monitor = QmpClient.Connect(path, s_patience);
            return new MonitorCheck(socket, Ask(monitor, names));
        }
        catch (Exception e) when (e is IOException or SocketException or JsonException or InvalidOperationException or KeyNotFoundException)
        {
            return null;
        }
    }

    private static List<string> Ask(QmpClient monitor, IReadOnlyList<(string Path, string Type)> names)
    {
        var differences = new List<string>();
        foreach ((string path, string type) in names)
        {
            JsonElement answer = monitor.Execute("qom-get", $$"""{"path": "{{JsonEncodedText.Encode(path)}}", "property": "type"}""");
            if (answer.TryGetProperty("error", out JsonElement error))
                differences.Add($"{path}: {error.GetProperty("desc").GetString()}");
            else if (answer.GetProperty("return").GetString() is var told && told != type)
                differences.Add($"{path} is of type {told}, not {type}");
        }

        return differences;
    }
}
