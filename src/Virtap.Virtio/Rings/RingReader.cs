using System.Diagnostics;
using Virtap.Processes.Memory;
using Virtap.Virtio.Devices;
using Virtap.Virtio.Queues;

namespace Virtap.Virtio.Rings;

/// <summary>
/// Reads what is in a ring: the requests in flight and those that wait, with their descriptors. QEMU is not stopped: the ring is read
/// again until no index moved meanwhile, and where the queue is too busy for that, only what stayed in flight all the while is shown.
/// </summary>
public sealed class RingReader
{
    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(5);

    // A busy queue rests for a moment now and then.
    private const int Attempts = 50;

    // A search of QEMU's heap, some tenths of a second at most.
    private const int MaximumSearches = 3;

    private readonly QemuProcess _qemu;
    private readonly TargetMemory _memory;
    private readonly QueueReader _reader;
    private readonly int _queue;

    /// <summary>Creates a reader.</summary>
    /// <param name="qemu">The QEMU.</param>
    /// <param name="device">The device.</param>
    /// <param name="queue">The number of its queue.</param>
    public RingReader(QemuProcess qemu, VirtioDevice device, int queue)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(queue);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(queue, device.QueueCount);
        _qemu = qemu;
        _memory = qemu.Process.Memory;
        _reader = new QueueReader(qemu, device);
        _queue = queue;
    }

    /// <summary>
    /// Watches the ring's indices for a while, so that something can be said of the requests' ages, and reads the ring then.
    /// </summary>
    /// <param name="duration">How long to watch; zero for no ages.</param>
    /// <returns>Null when the device is gone.</returns>
    public RingContents? Read(TimeSpan duration)
    {
        var watch = new IndexWatch();
        long start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start) < duration)
        {
            if (_reader.Read() is not { } state)
                return null;
            watch.Add(state, _queue);
            Thread.Sleep(s_interval);
        }

        int searches = 0;
        for (int attempt = 1; _reader.Read() is { } before; attempt++)
        {
            var decoder = new RingDecoder(_memory, watch.Add(before, _queue), _queue, watch);
            if (decoder.Decode(_reader.Read) is not { } contents)
                return null;
            if (contents is { IsStill: true, InFlightCount: > 0, Device.VhostStarted: not true } && searches++ < MaximumSearches)
            {
                // It takes some time, and is worth something only if nothing moved meanwhile.
                IReadOnlyList<QueueElement> elements = FindElements(contents.Queue);
                if (_reader.Read() is { } after && RingDecoder.IsSame(before, after, _queue))
                    return decoder.Settle(contents, elements);
            }
            else if (contents.IsStill || attempt == Attempts)
            {
                return contents;
            }
        }

        return null;
    }

    private IReadOnlyList<QueueElement> FindElements(QueueState queue) => ElementScan.Find(
        _memory, _qemu.Process.ReadMappings(), RingDecoder.GuestOf(_memory, queue)?.HostRanges() ?? [], queue.Number, queue.Address);
}
