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

    /// <summary>What a device is called that a transport (PCI, CCW) carries.</summary>
    public const string NameOfBackend = "virtio-backend";

    private static readonly TimeSpan s_made = TimeSpan.FromMilliseconds(20);

    // Enough to exclude chance: each names the device and its own number.
    private const int QueuesChecked = 3;
    private const int QueuesPerRead = 16;

    /// <summary>Finds them.</summary>
    /// <param name="qemu">The QEMU.</param>
    /// <param name="walk">Its objects; none where the tree could not be walked.</param>
    public static DeviceSurvey Find(QemuProcess qemu, ObjectWalk walk)
    {
        IReadOnlyList<QomObject> objects = walk.Objects;
        // All descendants of virtio-device are called after virtio or vhost; a name that only looks like it is found out by its queues.
        QomObject[] candidates = [
            .. objects.Where(
                o => o.Type.Contains("virtio", StringComparison.Ordinal) || o.Type.Contains("vhost", StringComparison.Ordinal))];
        var threads = new ServingThreads(qemu.Process, objects);
        List<VirtioDevice> devices = [];
        List<QomObject> refused = [];
        foreach (QomObject candidate in candidates)
        {
            if (Describe(qemu, threads, candidate) is { } device)
                devices.Add(device);
            else if (IsCalledDevice(candidate))
                refused.Add(candidate);
        }

        if (devices.Count == 0 && refused.Any(o => o.Name == NameOfBackend && HasQueues(qemu, o.Address)))
        {
            throw new VirtioException(
                $"{qemu.Process.Label}: "
                + (
                    qemu.Process.Memory.IsLive
                    ? "the layout of virtio devices that its code tells does not fit its memory; nothing can be said about its devices"
                : "it has virtio devices, and either their queues are not in this core, or the layout that QEMU's code tells does not fit "
                    + "it"));
        }

        if (objects.Count == 0)
        {
            devices = [.. DeviceScan.Find(qemu).Select(address => DescribeFound(qemu, address)).OfType<VirtioDevice>()];
            // Where the tree ought to be is known, and it is not there.
            return new DeviceSurvey(devices, [], IsTreeWhole: qemu.Process.Memory.IsLive || qemu.Layouts.RootObject is null);
        }

        int id = qemu.Process.Id;
        return new DeviceSurvey(
            devices,
            [
                .. walk.Unread.Where(IsOrCarriesDevice).Select(o => UnreadDevice.Of(id, o.Name!, o.Type!, o.Parent)),
                .. refused.Where(o => !IsBeingMade(qemu, o)).Select(o => UnreadDevice.Of(id, o.Name, o.Type, o.Parent!)),
            ],
            walk.Unread.All(IsOrCarriesDevice));
    }

    // By its name, or by its type where it sits on a virtio-mmio bus.
    private static bool IsCalledDevice(QomObject found) => found.Parent is not null && (found.Name == NameOfBackend
        || found.Type.EndsWith("-device", StringComparison.Ordinal)
            && (found.Type.StartsWith("virtio-", StringComparison.Ordinal) || found.Type.StartsWith("vhost-", StringComparison.Ordinal)));

    // Of what could not be read nothing else is known; a transport that is not there has its device below it.
    private static bool IsOrCarriesDevice(UnreadObject unread) => unread is { Name: { } name, Type: { } type }
        && (name == NameOfBackend || (type.Contains("virtio", StringComparison.Ordinal) || type.Contains("vhost", StringComparison.Ordinal))
            && !type.EndsWith("-bus", StringComparison.Ordinal));

    // A device has no queues before it is made, and after it was taken out; while it is made they do not all name it yet.
    private static bool IsBeingMade(QemuProcess qemu, QomObject found)
    {
        if (!qemu.Process.Memory.IsLive)
            return qemu.IsStarting();
        if (!HasQueues(qemu, found.Address))
            return true;
        Thread.Sleep(s_made);
        return !HasQueues(qemu, found.Address) || IsDevice(qemu.Process.Memory, qemu.Layouts, found.Address, out _);
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
        return Device(qemu, found.Address, found.Type, queues) is not { } device ? null : device with
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
        return Device(qemu, address, type, queues) is not { } device ? null : device with
        {
            Id = IdOf(memory, address) ?? (parent is { } carrier ? IdOf(memory, carrier) : null),
            Transport = parent,
            TransportType = parent is { } transport ? TypeOf(memory, transport) : null,
        };
    }

    private static VirtioDevice? Device(QemuProcess qemu, ulong address, string type, ulong queues)
    {
        TargetMemory memory = qemu.Process.Memory;
        if (CountQueues(memory, qemu.Layouts.Queue, queues) is not { } count)
            return null;
        string? name = qemu.Layouts.Device.Name is { } offset
            && memory.TryRead(address + (ulong)offset, out ulong pointer) ? memory.ReadString(pointer, 64) : null;
        return new VirtioDevice
        {
            ProcessId = qemu.Process.Id,
            Address = address,
            Type = type,
            Kind = name ?? (type.EndsWith("-device", StringComparison.Ordinal) ? type[..^"-device".Length] : type),
            QueueArray = queues,
            QueueCount = count,
        };
    }

    // The last queue that was added, which is where the device offers entries; a queue that was deleted leaves a gap. Null where the
    // array is not all there.
    private static int? CountQueues(TargetMemory memory, VirtQueueLayout layout, ulong queues)
    {
        byte[] bytes = new byte[QueuesPerRead * layout.Size];
        int count = 0;
        for (int first = 0; first < MaximumQueues; first += QueuesPerRead)
        {
            if (!memory.TryRead(queues + (ulong)(first * layout.Size), bytes))
                return null;
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
