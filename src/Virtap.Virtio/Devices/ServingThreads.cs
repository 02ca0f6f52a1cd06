using System.Buffers.Binary;
using Virtap.Processes;
using Virtap.Processes.Memory;
using Virtap.Virtio.Objects;

namespace Virtap.Virtio.Devices;

/// <summary>Tells which thread of a QEMU serves a device: the one of the iothread that the device has a link to, or the main loop.</summary>
/// <param name="qemu">The QEMU.</param>
/// <param name="objects">Its objects; none where the tree could not be walked.</param>
internal sealed class ServingThreads(QemuProcess qemu, IReadOnlyList<QomObject> objects)
{
    // struct IOThread: its Object, a QemuThread, pointers, flags, then thread_id; longer since 7.1, when parameters of the event loop came before them.
    private const int IoThreadBytes = 320;

    private readonly TargetMemory _memory = qemu.Process.Memory;
    private readonly QomProperties _properties = new(qemu.Process.Memory);
    private readonly Dictionary<ulong, QomObject> _ioThreads = objects.Where(o => o.Type == "iothread").ToDictionary(o => o.Address);

    /// <summary>The iothread that serves a device; null for QEMU's main loop.</summary>
    public QomObject? IoThread(VirtioDevice device) => _properties.Link(device.Address, "iothread", _ioThreads);

    /// <summary>The thread that serves a device; null where that is not known, and in a core, whose threads do nothing any more.</summary>
    public ServingThread? Of(VirtioDevice device)
    {
        if (qemu.Process is not LiveProcess process || objects.Count == 0 || HasSeveral(device))
            return null;
        if (IoThread(device) is not { } ioThread)
            return new ServingThread(null, new LiveThread(process.Id, process.Id));
        return ThreadOf(process, ioThread) is { } thread ? new ServingThread(ioThread.Name, thread) : null;
    }

    // QEMU 9.0 and later: each queue may have an iothread of its own.
    private bool HasSeveral(VirtioDevice device) =>
        _properties.Field(device.Address, "iothread-vq-mapping") is { } field && _memory.TryRead(field, out ulong list) && list != 0;

    // Where thread_id lies differs from version to version; that its value is the id of a thread of this process tells it. In a container QEMU knows the ids of its own namespace.
    private LiveThread? ThreadOf(LiveProcess process, QomObject ioThread)
    {
        var threads = new Dictionary<int, LiveThread>();
        foreach (LiveThread thread in process.Threads().Where(t => t.Id != process.Id).Select(t => new LiveThread(process.Id, t.Id)))
        {
            if (thread.OwnNamespaceId is { } id)
                threads[id] = thread;
        }

        byte[] bytes = new byte[IoThreadBytes];
        int read = _memory.Read(ioThread.Address, bytes);
        HashSet<LiveThread> found = [], likely = [];
        for (int at = QomLayout.ObjectSize; at + sizeof(int) <= read; at += sizeof(int))
        {
            if (!threads.TryGetValue(BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(at)), out LiveThread? thread))
                continue;
            found.Add(thread);
            // In a container the ids are small numbers, and may be something else. Before this one there are: bool stopping, running.
            if (bytes.AsSpan(at - sizeof(int), sizeof(int)).SequenceEqual((ReadOnlySpan<byte>)[0, 1, 0, 0]))
                likely.Add(thread);
        }

        return found.Count == 1 ? found.Single() : likely.Count == 1 ? likely.Single() : null;
    }
}
