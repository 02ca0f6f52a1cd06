using Virtap.Virtio.Devices;
using Virtap.Virtio.Queues;

namespace Virtap.Virtio.Machines;

/// <summary>A virtio device with what surrounds it.</summary>
public sealed record MachineDevice
{
    /// <summary>The device.</summary>
    public required VirtioDevice Device { get; init; }

    /// <summary>Its state when the machine was read.</summary>
    public required DeviceState State { get; init; }

    /// <summary>What serves it in QEMU: the block node of a disk (or its backend's name), the netdev of a network device. Null where there is none, or none is known.</summary>
    public string? Backend { get; init; }

    /// <summary>The iothread that serves its queues; null for QEMU's main loop.</summary>
    public string? IoThread { get; init; }

    /// <summary>Where it sits on a PCI bus; null for one that does not.</summary>
    public PciAddress? Pci { get; init; }
}
