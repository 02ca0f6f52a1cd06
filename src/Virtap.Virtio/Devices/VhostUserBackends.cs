using System.Buffers.Binary;
using Virtap.Processes;
using Virtap.Processes.Memory;
using Virtap.Virtio.Objects;

namespace Virtap.Virtio.Devices;

/// <summary>Finds the sockets by which a QEMU's vhost-user devices speak to their backends: character devices, which are objects.</summary>
/// <param name="qemu">The QEMU.</param>
/// <param name="objects">Its objects; none where the tree could not be walked.</param>
internal sealed class VhostUserBackends(QemuProcess qemu, IReadOnlyList<QomObject> objects)
{
    // struct NetVhostUserState: a NetClientState, then the pointer to its character device.
    private const int NetClientBytes = 1024;

    // struct Chardev: its Object, a lock whose size depends on how QEMU was built, a pointer to its user, then label and filename.
    private const ulong ChardevBytes = 256;
    private const int LongestName = 4096;

    private readonly TargetMemory _memory = qemu.Process.Memory;
    private readonly QomProperties _properties = new(qemu.Process.Memory);
    private readonly Dictionary<ulong, QomObject> _sockets =
        objects.Where(o => o is { Type: "chardev-socket", Parent.Name: "chardevs" }).ToDictionary(o => o.Address);

    /// <summary>The backend of a device; null for a device that has none.</summary>
    public VhostUserBackend? Of(VirtioDevice device)
    {
        if (_sockets.Count == 0 || SocketOf(device) is not { } socket || NameOf(socket) is not { } name)
            return null;
        var backend = new VhostUserBackend(socket.Name, name, null);
        return backend.Path is { } path && qemu.Process is LiveProcess live
            ? backend with { IsListening = UnixSockets.IsListening(live.Id, path) } : backend;
    }

    private QomObject? SocketOf(VirtioDevice device)
    {
        if (device.Type.StartsWith("vhost-user-", StringComparison.Ordinal))
            return Pointer(_properties.Field(device.Address, "chardev")) is { } chardev ? _sockets.GetValueOrDefault(chardev) : null;
        if (Pointer(_properties.Field(device.Address, "netdev")) is not { } client)
            return null;
        byte[] bytes = new byte[NetClientBytes];
        int read = _memory.Read(client, bytes);
        for (int at = 0; at + sizeof(ulong) <= read; at += sizeof(ulong))
        {
            if (_sockets.TryGetValue(BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(at)), out QomObject? socket))
                return socket;
        }

        return null;
    }

    // The label is the object's name, by which its place is known.
    private string? NameOf(QomObject socket)
    {
        for (ulong at = socket.Address + QomLayout.ObjectSize; at < socket.Address + ChardevBytes; at += sizeof(ulong))
        {
            if (Pointer(at) is { } label && _memory.ReadString(label, LongestName) == socket.Name)
                return Pointer(at + sizeof(ulong)) is { } name ? _memory.ReadString(name, LongestName) : null;
        }

        return null;
    }

    private ulong? Pointer(ulong? address) => address is { } at && _memory.TryRead(at, out ulong value) && value != 0 ? value : null;
}
