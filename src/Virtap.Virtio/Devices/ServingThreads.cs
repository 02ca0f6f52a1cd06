using Virtap.Processes.Memory;
using Virtap.Processes;
using Virtap.Virtio.Objects;

namespace Virtap.Virtio.Devices;

/// <summary>
/// Tells which thread of a QEMU serves a device: the one of the iothread that the device has a link to, or the main loop.
/// </summary>
/// <param name="qemu">The QEMU.</param>
/// <param name="objects">Its objects; none where the tree could not be walked.</param>
internal sealed class ServingThreads(QemuProcess qemu, IReadOnlyList<QomObject> objects)
{
    private readonly TargetMemory _memory = qemu.Process.Memory;
    private readonly QomProperties _properties = new(qemu.Process.Memory);
    private readonly Dictionary<ulong, QomObject> _ioThreads = objects.Where(o => o.Type == "iothread").ToDictionary(o => o.Address);

    // struct IOThread has before its thread_id: bool stopping, running.
    private static ReadOnlySpan<byte> StoppingRunning => [0, 1, 0, 0];

    /// <summary>The iothread that serves a device; null for QEMU's main loop.</summary>
    public QomObject? IoThread(VirtioDevice device) => _properties.Link(device.Address, "iothread", _ioThreads);

    /// <summary>The thread that serves a device; null where that is not known, and in a core, whose threads do nothing any more.</summary>
    public ServingThread? Of(VirtioDevice device)
    {
        if (qemu.Process is not LiveProcess process || objects.Count == 0 || HasSeveral(device))
            return null;
        if (IoThread(device) is not { } ioThread)
            return new ServingThread(null, new LiveThread(process.Id, process.Id));
        return new ThreadIdSearch(process).ThreadOf(ioThread, StoppingRunning) is { } thread
            ? new ServingThread(ioThread.Name, thread) : null;
    }

    // QEMU 9.0 and later: each queue may have an iothread of its own.
    private bool HasSeveral(VirtioDevice device) =>
        _properties.Field(device.Address, "iothread-vq-mapping") is { } field && _memory.TryRead(field, out ulong list) && list != 0;
}

/// <summary>The thread of QEMU that takes a device's requests and gives them back.</summary>
/// <param name="IoThread">The iothread's <c>id=</c>; null for QEMU's main loop.</param>
/// <param name="Thread">It, as the kernel knows it.</param>
public sealed record ServingThread(string? IoThread, LiveThread Thread);
