using System.Buffers.Binary;
using System.Diagnostics;
using Virtap.Processes.Memory;
using Virtap.Virtio.Devices;
using Virtap.Virtio.Features;
using Virtap.Virtio.Layouts;

namespace Virtap.Virtio.Queues;

/// <summary>
/// Reads a device and its queues, again and again, without stopping QEMU: three system calls a sample, some microseconds. The device
/// itself first, then QEMU's mappings of the rings, then the rings.
/// </summary>
public sealed class QueueReader
{
    private readonly TargetMemory _memory;
    private readonly VirtioDeviceLayout _layout;
    private readonly VirtQueueLayout _queue;
    private readonly MemoryBatch _batch = new();
    private readonly int _deviceBytes;

    /// <summary>Creates a reader.</summary>
    public QueueReader(QemuProcess qemu, VirtioDevice device)
        : this(qemu.Process.Memory, qemu.Layouts, device)
    {
    }

    internal QueueReader(TargetMemory memory, VirtioLayouts layouts, VirtioDevice device)
    {
        _memory = memory;
        _layout = layouts.Device;
        _queue = layouts.Queue;
        Device = device;
        _deviceBytes =
            new[] { _layout.Queues, _layout.HostFeatures, _layout.Status ?? 0, _layout.Broken ?? 0, _layout.VhostStarted ?? 0 }.Max() + 8;
    }

    /// <summary>The device.</summary>
    public VirtioDevice Device { get; }

    /// <summary>Reads the device now; null when it is gone (unplugged, or QEMU has ended).</summary>
    public DeviceState? Read()
    {
        long timestamp = Stopwatch.GetTimestamp();
        _batch.Clear();
        int device = _batch.Add(Device.Address, _deviceBytes);
        int array = _batch.Add(Device.QueueArray, Device.QueueCount * _queue.Size);
        _batch.Read(_memory);
        ReadOnlySpan<byte> bytes = _batch[device];
        if (bytes.IsEmpty || _batch[array].Length < Device.QueueCount * _queue.Size
            || BinaryPrimitives.ReadUInt64LittleEndian(bytes[_layout.Queues..]) != Device.QueueArray)
            return null;

        var state = new DeviceState
        {
            Device = Device,
            Timestamp = timestamp,
            IsLive = _memory.IsLive,
            Status = _layout.Status is { } status ? (DeviceStatus)bytes[status] : null,
            GuestFeatures = BinaryPrimitives.ReadUInt64LittleEndian(bytes[_layout.GuestFeatures..]),
            HostFeatures = BinaryPrimitives.ReadUInt64LittleEndian(bytes[_layout.HostFeatures..]),
            DeviceId = _layout.DeviceId is { } id ? BinaryPrimitives.ReadUInt16LittleEndian(bytes[id..]) : null,
            VmRunning = Flag(bytes, _layout.VmRunning),
            Broken = Flag(bytes, _layout.Broken),
            VhostStarted = Flag(bytes, _layout.VhostStarted),
            Queues = [],
        };
        var queues = new QueueState[Device.QueueCount];
        ulong[] caches = new ulong[queues.Length];
        for (int n = 0; n < queues.Length; n++)
        {
            ReadOnlySpan<byte> queue = _batch[array].Slice(n * _queue.Size, _queue.Size);
            // Unplugged, and the memory used for something else.
            if (BinaryPrimitives.ReadUInt64LittleEndian(queue[_queue.Device..]) != Device.Address)
                return null;
            queues[n] = Parse(queue, n);
            caches[n] = BinaryPrimitives.ReadUInt64LittleEndian(queue[_queue.Caches..]);
        }

        ReadRings(state, queues, caches);
        return state with { Queues = queues, VhostStarted = state.VhostStarted ?? LooksLikeVhost(queues) };
    }

    // QEMU has a flag for it since 7.2. Before, it shows: QEMU has never moved its indices, and the ring in guest memory has moved all the
    // same.
    private bool? LooksLikeVhost(QueueState[] queues) =>
        Device.Type.StartsWith("vhost-", StringComparison.Ordinal)
            || Array.Exists(queues, q => q is { LastAvailIndex: 0, UsedIndex: 0, Guest.UsedIndex: > 0 }) ? true : null;

    private QueueState Parse(ReadOnlySpan<byte> queue, int index) => new()
    {
        Index = index,
        Address = Device.QueueArray + (ulong)(index * _queue.Size),
        Number = BinaryPrimitives.ReadUInt32LittleEndian(queue[_queue.Number..]),
        DefaultNumber = BinaryPrimitives.ReadUInt32LittleEndian(queue[_queue.DefaultNumber..]),
        Descriptors = BinaryPrimitives.ReadUInt64LittleEndian(queue[_queue.Descriptors..]),
        Avail = BinaryPrimitives.ReadUInt64LittleEndian(queue[_queue.Avail..]),
        Used = BinaryPrimitives.ReadUInt64LittleEndian(queue[_queue.Used..]),
        LastAvailIndex = BinaryPrimitives.ReadUInt16LittleEndian(queue[_queue.LastAvailIndex..]),
        LastAvailWrap = Flag(queue, _queue.LastAvailWrap),
        ShadowAvailIndex = BinaryPrimitives.ReadUInt16LittleEndian(queue[_queue.ShadowAvailIndex..]),
        UsedIndex = BinaryPrimitives.ReadUInt16LittleEndian(queue[_queue.UsedIndex..]),
        UsedWrap = Flag(queue, _queue.UsedWrap),
        SignalledUsed = BinaryPrimitives.ReadUInt16LittleEndian(queue[_queue.SignalledUsed..]),
        SignalledUsedValid = Flag(queue, _queue.SignalledUsedValid),
        Notification = Flag(queue, _queue.Notification),
        InUse = BinaryPrimitives.ReadUInt32LittleEndian(queue[_queue.InUse..]),
        Vector = BinaryPrimitives.ReadUInt16LittleEndian(queue[_queue.Vector..]),
        // EventNotifier.rfd; 0 before it is initialised.
        KickDescriptor = _queue.HostNotifier is { } host
            && BinaryPrimitives.ReadInt32LittleEndian(queue[host..]) is > 0 and var kick ? kick : null,
        InterruptDescriptor = _queue.GuestNotifier is { } guest
            && BinaryPrimitives.ReadInt32LittleEndian(queue[guest..]) is > 0 and var interrupt ? interrupt : null,
    };

    private void ReadRings(DeviceState state, QueueState[] queues, ulong[] caches)
    {
        _batch.Clear();
        int[] cacheReads = new int[queues.Length];
        for (int n = 0; n < queues.Length; n++)
            cacheReads[n] = queues[n].IsSetUp && caches[n] != 0 ? _batch.Add(caches[n], RingCaches.Size) : -1;
        _batch.Read(_memory);

        var rings = new List<(int Queue, RingGeometry Geometry, RingMapping Mapping)>();
        for (int n = 0; n < queues.Length; n++)
        {
            // With a ring of the largest size the lengths still fit; a larger one is no ring.
            var geometry = new RingGeometry(queues[n].Number, state.IsPacked, state.HasEventIndex);
            if (cacheReads[n] >= 0 && queues[n].Number <= 32768
                && RingCaches.TryFind(_batch[cacheReads[n]], geometry, out RingMapping mapping))
                rings.Add((n, geometry, mapping));
        }

        _batch.Clear();
        foreach (var (queue, geometry, mapping) in rings)
        {
            _batch.Add(mapping.Avail, 4);
            _batch.Add(mapping.Used, 4);
            // The descriptor's flags, or the two event indices.
            _batch.Add(
                geometry.Packed ? mapping.Descriptors + 16ul * queues[queue].LastAvailIndex + 14 : mapping.Avail + geometry.UsedEvent, 2);
            _batch.Add(mapping.Used + geometry.AvailEvent, 2);
        }

        _batch.Read(_memory);
        for (int i = 0; i < rings.Count; i++)
        {
            var (queue, geometry, mapping) = rings[i];
            ReadOnlySpan<byte> availHead = _batch[4 * i], usedHead = _batch[4 * i + 1], first = _batch[4 * i + 2],
            second = _batch[4 * i + 3];
            if (availHead.IsEmpty || usedHead.IsEmpty)
                continue;
            GuestRing ring = geometry.Packed
                ? new GuestRing
                {
                    Driver = new RingEvent(Half(availHead, 2), Half(availHead, 0)),
                    Device = new RingEvent(Half(usedHead, 2), Half(usedHead, 0)),
                    NextIsAvailable = first.IsEmpty
                        || queues[queue].LastAvailWrap is not { } wrap ? null : IsAvailable(Half(first, 0), wrap),
                }
                : new GuestRing
                {
                    AvailIndex = Half(availHead, 2),
                    UsedIndex = Half(usedHead, 2),
                    Driver = new RingEvent(Half(availHead, 0), geometry.EventIndex && !first.IsEmpty ? Half(first, 0) : null),
                    Device = new RingEvent(Half(usedHead, 0), geometry.EventIndex && !second.IsEmpty ? Half(second, 0) : null),
                };
            queues[queue] = queues[
                queue] with { Guest =
                ring with { Descriptors = mapping.Descriptors, Avail = mapping.Avail, Used = mapping.Used, FlatView = mapping.FlatView } };
        }
    }

    // Flags AVAIL (bit 7) and USED (bit 15) differ in a descriptor that is available, and AVAIL is as the wrap counter.
    private static bool IsAvailable(ushort flags, bool wrap) => (flags >> 7 & 1) != 0 == wrap && (flags >> 15 & 1) != 0 != wrap;

    private static bool? Flag(ReadOnlySpan<byte> bytes, int? offset) => offset is { } at ? bytes[at] != 0 : null;

    private static ushort Half(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt16LittleEndian(bytes[at..]);
}
