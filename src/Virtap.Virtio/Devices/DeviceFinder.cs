using System.Buffers.Binary;
using Virtap.Processes.Memory;
using Virtap.Virtio.Layouts;
using Virtap.Virtio.Objects;

namespace Virtap.Virtio.Devices;

/// <summary>
/// Finds the virtio devices of a QEMU: through its object tree; where that cannot be walked, by what the memory of a device looks like.
/// </summary>
internal static class DeviceFinder
{
    /// <summary>VIRTIO_QUEUE_MAX: QEMU allocates as many queues for every device.</summary>
    public const int MaximumQueues = 1024;

    // Enough to exclude chance: each names the device and its own number.
    private const int QueuesChecked = 3;
    private const int QueuesPerRead = 16;

    /// <summary>Finds them.</summary>
    /// <param name="qemu">The QEMU.</param>
    /// <param name="objects">Its objects; none where the tree could not be walked.</param>
    public static IReadOnlyList<VirtioDevice> Find(QemuProcess qemu, IReadOnlyList<QomObject> objects)
    {
        // All descendants of virtio-device are called after virtio or vhost; a name that only looks like it is found out by its queues.
        QomObject[] candidates = [
            .. objects.Where(
                o => o.Type.Contains("virtio", StringComparison.Ordinal) || o.Type.Contains("vhost", StringComparison.Ordinal))];
        var threads = new ServingThreads(qemu.Process, objects);
        List<VirtioDevice> devices = [.. candidates.Select(o => Describe(qemu, threads, o)).OfType<VirtioDevice>()];
        if (devices.Count == 0 && candidates.Any(o => o.Name == "virtio-backend" && HasQueues(qemu, o.Address)))
        {
            throw new VirtioException(
                $"{qemu.Process.Label}: "
                + (
                    qemu.Process.Memory.IsLive
                    ? "the layout of virtio devices that its code tells does not fit its memory; nothing can be said about its devices"
                : "it has virtio devices, and either their queues are not in this core, or the layout that QEMU's code tells does not fit "
                    + "it"));
        }

        return objects.Count > 0
            ? devices : [.. DeviceScan.Find(qemu).Select(address => DescribeFound(qemu, address)).OfType<VirtioDevice>()];
    }

    /// <summary>Whether an address is that of a VirtIODevice: its queues point back to it.</summary>
    public static bool IsDevice(TargetMemory memory, VirtioLayouts layouts, ulong address, out ulong queues)
    {
        VirtQueueLayout queue = layouts.Queue;
        if (!memory.TryRead(address + (ulong)layouts.Device.Queues, out queues) || queues == 0)
            return false;
        Span<byte> bytes = stackalloc byte[QueuesChecked * queue.Size];
        if (!memory.TryRead(queues, bytes))
            return false;
        for (int n = 0; n < QueuesChecked; n++)
        {
            ReadOnlySpan<byte> one = bytes[(n * queue.Size)..];
            if (BinaryPrimitives.ReadUInt64LittleEndian(one[queue.Device..]) != address
                || BinaryPrimitives.ReadUInt16LittleEndian(one[queue.QueueIndex..]) != n)
                return false;
        }

        return true;
    }

    private static VirtioDevice? Describe(QemuProcess qemu, ServingThreads threads, QomObject found)
    {
        if (!IsDevice(qemu.Process.Memory, qemu.Layouts, found.Address, out ulong queues))
            return null;
        QomObject? transport = found.Parent is { Type: not "container" } parent ? parent : null;
        VirtioDevice device = Device(qemu, found.Address, found.Type, queues);
        return device with
        {
            QomPath = found.Path,
            IoThreads = threads.IoThreads(device.Address, device.Type, device.QueueCount),
            // What -device was given an id, whatever it is made of, is a child of this container, and the id is its name.
            Id = found.Ancestry.FirstOrDefault(o => o.Parent is { Name: "peripheral", Parent.Name: "machine" })?.Name,
            Transport = transport?.Address,
            TransportType = transport?.Type,
        };
    }

    private static VirtioDevice? DescribeFound(QemuProcess qemu, ulong address)
    {
        TargetMemory memory = qemu.Process.Memory;
        if (!IsDevice(memory, qemu.Layouts, address, out ulong queues) || TypeOf(memory, address) is not { } type)
            return null;
        ulong? parent = memory.TryRead(address + QomLayout.ObjectParent, out ulong value) && TypeOf(memory, value) is { } parentType
            && parentType != "container" ? value : null;
        return Device(qemu, address, type, queues) with
        {
            Id = IdOf(memory, address) ?? (parent is { } carrier ? IdOf(memory, carrier) : null),
            Transport = parent,
            TransportType = parent is { } transport ? TypeOf(memory, transport) : null,
        };
    }

    private static VirtioDevice Device(QemuProcess qemu, ulong address, string type, ulong queues)
    {
        TargetMemory memory = qemu.Process.Memory;
        string? name = qemu.Layouts.Device.Name is { } offset
            && memory.TryRead(address + (ulong)offset, out ulong pointer) ? memory.ReadString(pointer, 64) : null;
        return new VirtioDevice
        {
            ProcessId = qemu.Process.Id,
            Address = address,
            Type = type,
            Kind = name ?? (type.EndsWith("-device", StringComparison.Ordinal) ? type[..^"-device".Length] : type),
            QueueArray = queues,
            QueueCount = CountQueues(memory, qemu.Layouts.Queue, queues),
        };
    }

    // The last queue that was added, which is where the device offers entries; a queue that was deleted leaves a gap.
    private static int CountQueues(TargetMemory memory, VirtQueueLayout layout, ulong queues)
    {
        byte[] bytes = new byte[QueuesPerRead * layout.Size];
        int count = 0;
        for (int first = 0; first < MaximumQueues; first += QueuesPerRead)
        {
            if (!memory.TryRead(queues + (ulong)(first * layout.Size), bytes))
                break;
            int before = count;
            for (int n = 0; n < QueuesPerRead; n++)
            {
                if (BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(n * layout.Size + layout.DefaultNumber)) != 0)
                    count = first + n + 1;
            }

            if (count == before)
                break;
        }

        return count;
    }

    private static bool HasQueues(QemuProcess qemu, ulong address) =>
        qemu.Process.Memory.TryRead(address + (ulong)qemu.Layouts.Device.Queues, out ulong queues) && queues != 0;

    private static string? TypeOf(TargetMemory memory, ulong instance) =>
        memory.TryRead(instance + QomLayout.ObjectClass, out ulong type) && memory.TryRead(type + QomLayout.ClassType, out type)
        && memory.TryRead(type + QomLayout.TypeName, out ulong name) && memory.ReadString(name, 128) is { Length: > 0 } text ? text : null;

    private static string? IdOf(TargetMemory memory, ulong device) =>
        memory.TryRead(device + QomLayout.DeviceId, out ulong id) && id != 0
            && memory.ReadString(id, 256) is { Length: > 0 } text ? text : null;
}
