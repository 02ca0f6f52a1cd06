using System.Buffers.Binary;
using Virtap.Processes;
using Virtap.Processes.Memory;
using Virtap.Virtio.Objects;

namespace Virtap.Virtio.Devices;

/// <summary>
/// Finds the thread that an object of QEMU belongs to by the <c>thread_id</c> in it. Where that lies differs from version to version; that
/// its value is the id of a thread of this process tells it.
/// </summary>
internal sealed class ThreadIdSearch
{
    // Of struct IOThread and struct CPUState, which begin with their Object; longer since 7.1, when parameters of the event loop came into
    // the first.
    private const int Bytes = 320;

    private readonly TargetMemory _memory;

    // In a container QEMU knows the ids of its own namespace.
    private readonly Dictionary<int, LiveThread> _threads = [];

    /// <summary>Takes note of the threads that there are.</summary>
    /// <param name="process">The QEMU.</param>
    public ThreadIdSearch(LiveProcess process)
    {
        _memory = process.Memory;
        foreach (ProcessThread each in process.Threads().Where(t => t.Id != process.Id))
        {
            var thread = new LiveThread(process.Id, each.Id);
            if (thread.OwnNamespaceId is { } id)
                _threads[id] = thread;
        }
    }

    /// <summary>The thread; null where there is none, or more than one.</summary>
    /// <param name="target">The object.</param>
    /// <param name="before">What stands in the four bytes before <c>thread_id</c>: in a container the ids are small numbers, which may be
    /// something else.</param>
    public LiveThread? ThreadOf(QomObject target, ReadOnlySpan<byte> before = default)
    {
        byte[] bytes = new byte[Bytes];
        int read = _memory.Read(target.Address, bytes);
        HashSet<LiveThread> found = [], likely = [];
        for (int at = QomLayout.ObjectSize; at + sizeof(int) <= read; at += sizeof(int))
        {
            if (!_threads.TryGetValue(BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(at)), out LiveThread? thread))
                continue;
            found.Add(thread);
            if (bytes.AsSpan(at - sizeof(int), sizeof(int)).SequenceEqual(before))
                likely.Add(thread);
        }

        return found.Count == 1 ? found.Single() : likely.Count == 1 ? likely.Single() : null;
    }
}
