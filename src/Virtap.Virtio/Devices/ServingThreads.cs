using Virtap.Processes;
using Virtap.Processes.Memory;
using Virtap.Virtio.Objects;

namespace Virtap.Virtio.Devices;

/// <summary>
/// Tells which thread of a QEMU serves a queue: that of an iothread, which the device has a link to (<c>iothread=</c>) or the queue was
/// given (<c>iothread-vq-mapping</c>, QEMU 9.0 and later), or the main loop.
/// </summary>
/// <param name="process">The QEMU.</param>
/// <param name="objects">Its objects; none where the tree could not be walked.</param>
internal sealed class ServingThreads(TargetProcess process, IReadOnlyList<QomObject> objects)
{
    // A virtio-scsi's queues of control and of events, which are before those of requests.
    private const int ScsiOwnQueues = 2;
    private const string Mapping = "iothread-vq-mapping";

    private readonly QomProperties _properties = new(process.Memory);
    private readonly Dictionary<ulong, QomObject> _ioThreads = objects.Where(o => o.Type == "iothread").ToDictionary(o => o.Address);

    // struct IOThread has before its thread_id: bool stopping, running.
    private static ReadOnlySpan<byte> StoppingRunning => [0, 1, 0, 0];

    /// <summary>The iothread of each queue of a device, by its <c>id=</c>; null for QEMU's main loop.</summary>
    /// <param name="address">The device.</param>
    /// <param name="type">Its type.</param>
    /// <param name="queues">How many queues it has.</param>
    public IReadOnlyList<string?> IoThreads(ulong address, string type, int queues)
    {
        var threads = new string?[queues];
        if (_ioThreads.Count == 0)
            return threads;
        ulong? mapping = _properties.Field(address, Mapping);
        // Since it has the property (QEMU 10.0), the main loop serves these two, whatever serves the requests.
        int first = mapping is not null && type.StartsWith("virtio-scsi", StringComparison.Ordinal) ? Math.Min(ScsiOwnQueues, queues) : 0;
        if (mapping is { } field && process.Memory.TryRead(field, out ulong list) && list != 0)
            new IoThreadMapping(process.Memory, list).Apply(threads.AsSpan(first));
        else if (_properties.Link(address, "iothread", _ioThreads)?.Name is { } name)
            threads.AsSpan(first).Fill(name);
        return threads;
    }

    /// <summary>The thread of an iothread; null where it is not found.</summary>
    public static LiveThread? ThreadOf(QomObject ioThread, ThreadIdSearch search) => search.ThreadOf(ioThread, StoppingRunning);

    /// <summary>The thread that serves a queue; null where that is not known, and in a core, whose threads do nothing any more.</summary>
    public ServingThread? Of(VirtioDevice device, int queue)
    {
        if (process is not LiveProcess live || objects.Count == 0)
            return null;
        if (device.IoThreads.ElementAtOrDefault(queue) is not { } name)
            return new ServingThread(null, new LiveThread(live.Id, live.Id));
        return _ioThreads.Values.FirstOrDefault(o => o.Name == name) is { } ioThread
            && ThreadOf(ioThread, new ThreadIdSearch(live)) is { } thread ? new ServingThread(name, thread) : null;
    }
}

/// <summary>The thread of QEMU that takes a queue's requests and gives them back.</summary>
/// <param name="IoThread">The iothread's <c>id=</c>; null for QEMU's main loop.</param>
/// <param name="Thread">It, as the kernel knows it.</param>
public sealed record ServingThread(string? IoThread, LiveThread Thread);
