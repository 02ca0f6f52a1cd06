namespace Virtap.Virtio.Devices;

/// <summary>The process outside of QEMU that serves a vhost-user device, as QEMU's socket to it tells.</summary>
/// <param name="Chardev">QEMU's <c>id=</c> of the socket.</param>
/// <param name="Name">The socket as QEMU describes it, with <c>disconnected:</c> before it where nobody is at its other end.</param>
/// <param name="IsListening">Whether anybody listens on its path; null where that is not known.</param>
public sealed record VhostUserBackend(string Chardev, string Name, bool? IsListening)
{
    internal const string Disconnected = "disconnected:";
    internal const string Unix = "unix:";

    // QEMU listens itself, and the backend connects.
    private const string Server = ",server=on";

    /// <summary>QEMU has no connection to it: it has ended, or hung up, or never came.</summary>
    public bool IsGone => Name.StartsWith(Disconnected, StringComparison.Ordinal);

    /// <summary>Whether the backend has to come to QEMU; otherwise QEMU goes to the backend.</summary>
    public bool IsAwaited => Name.EndsWith(Server, StringComparison.Ordinal);

    /// <summary>The path of the Unix socket; null for another socket, and for a connection that has none.</summary>
    public string? Path
    {
        get
        {
            string name = IsGone ? Name[Disconnected.Length..] : Name;
            name = IsAwaited ? name[..^Server.Length] : name;
            return name.StartsWith(Unix, StringComparison.Ordinal) && name.Length > Unix.Length ? name[Unix.Length..] : null;
        }
    }
}
