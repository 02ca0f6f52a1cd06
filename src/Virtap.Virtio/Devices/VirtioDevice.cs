namespace Virtap.Virtio.Devices;

/// <summary>A virtio device of a running QEMU.</summary>
public sealed record VirtioDevice
{
    /// <summary>QEMU's process id.</summary>
    public required int ProcessId { get; init; }

    /// <summary>Address of its <c>struct VirtIODevice</c> in QEMU's memory: what trace points call <c>vdev</c>.</summary>
    public required ulong Address { get; init; }

    /// <summary>
    /// The device's name as QEMU has it (<c>VirtIODevice.name</c>): <c>virtio-blk</c>, <c>virtio-net</c>, <c>vhost-user-blk</c>.
    /// </summary>
    public required string Kind { get; init; }

    /// <summary>Its type in QEMU's object model, such as <c>virtio-blk-device</c>.</summary>
    public required string Type { get; init; }

    /// <summary>The <c>id=</c> it was given; null for none.</summary>
    public string? Id { get; init; }

    /// <summary>Its path in QEMU's object model; null where the tree could not be walked.</summary>
    public string? QomPath { get; init; }

    /// <summary>
    /// The type of the device that carries it, such as <c>virtio-blk-pci</c>; null for one that sits on a virtio-mmio bus.
    /// </summary>
    public string? TransportType { get; init; }

    /// <summary>Address of the carrying device's object (VirtIOPCIProxy).</summary>
    public ulong? Transport { get; init; }

    /// <summary>Address of its array of queues.</summary>
    public required ulong QueueArray { get; init; }

    /// <summary>How many queues it has.</summary>
    public required int QueueCount { get; init; }

    /// <summary>
    /// The iothread that serves each queue, by its <c>id=</c>; null for QEMU's main loop. Empty where the object tree could not be walked.
    /// </summary>
    public IReadOnlyList<string?> IoThreads { get; init; } = [];

    /// <summary>
    /// What to call it: its id; the name of the object without one (<c>device[3]</c>); its address where there is no other.
    /// </summary>
    public string Name => Id
        ?? (
            QomPath?.Split('/') is [.., var last] parts ? last == "virtio-backend"
            && parts.Length > 1 ? parts[^2] : last : $"0x{Address:x}");
}
