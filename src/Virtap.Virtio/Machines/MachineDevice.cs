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

    /// <summary>
    /// What serves it in QEMU: the block node of a disk (or its backend's name), the netdev of a network device. Null where there is none,
    /// or none is known.
    /// </summary>
    public string? Backend { get; init; }

    /// <summary>Where it sits on a PCI bus; null for one that does not.</summary>
    public PciAddress? Pci { get; init; }
}

/// <summary>Where a device sits on a PCI bus of the guest.</summary>
/// <param name="Bus">The bus as QEMU calls it: <c>pci.0</c>.</param>
/// <param name="Slot">0 to 31.</param>
/// <param name="Function">0 to 7.</param>
public sealed record PciAddress(string Bus, int Slot, int Function)
{
    /// <summary>As in <c>pci.0/04.0</c>.</summary>
    public override string ToString() => $"{Bus}/{Slot:x2}.{Function}";
}
