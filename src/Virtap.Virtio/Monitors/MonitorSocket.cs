namespace Virtap.Virtio.Monitors;

/// <summary>Where a QEMU's command line says that its QMP monitor listens.</summary>
public static class MonitorSocket
{
    private const string Unix = "unix:";

    /// <summary>The path of the first Unix socket that QMP is served on, as QEMU itself knows it; null where there is none (a socket passed as a descriptor, as libvirt does, has no path).</summary>
    /// <param name="arguments">QEMU's command line: <c>-qmp unix:PATH,server=on</c>, or <c>-chardev socket,id=ID,path=PATH</c> with <c>-mon chardev=ID,mode=control</c>.</param>
    public static string? Find(IReadOnlyList<string> arguments)
    {
        var chardevs = new Dictionary<string, string>(StringComparer.Ordinal);
        var controls = new List<string>();
        for (int i = 0; i + 1 < arguments.Count; i++)
        {
            string[] parts = arguments[i + 1].Split(',');
            switch (arguments[i].TrimStart('-'))
            {
                case "qmp" or "qmp-pretty" when parts[0].StartsWith(Unix, StringComparison.Ordinal) && Listens(parts):
                    return parts[0][Unix.Length..];
                case "chardev" when parts[0] == "socket" && Listens(parts) && Value(parts, "id") is { } id && Value(parts, "path") is { } path:
                    chardevs[id] = path;
                    break;
                case "mon" when Value(parts, "mode") == "control" && (Value(parts, "chardev") ?? (parts[0].Contains('=') ? null : parts[0])) is { } chardev:
                    controls.Add(chardev);
                    break;
            }
        }

        return controls.Select(chardevs.GetValueOrDefault).FirstOrDefault(path => path is not null);
    }

    // Otherwise QEMU is the client, and the socket is somebody else's.
    private static bool Listens(string[] parts) => parts.Any(part => part is "server" or "server=on" or "server=yes");

    private static string? Value(string[] parts, string name) =>
        Array.Find(parts, part => part.StartsWith(name, StringComparison.Ordinal) && part.Length > name.Length && part[name.Length] == '=')?[(name.Length + 1)..];
}
