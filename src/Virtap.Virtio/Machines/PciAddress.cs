namespace Virtap.Virtio.Machines;

/// <summary>Where a device sits on a PCI bus of the guest.</summary>
/// <param name="Bus">The bus as QEMU calls it: <c>pci.0</c>.</param>
/// <param name="Slot">0 to 31.</param>
/// <param name="Function">0 to 7.</param>
public sealed record PciAddress(string Bus, int Slot, int Function)
{
    /// <summary>As in <c>pci.0/04.0</c>.</summary>
    public override string ToString() => $"{Bus}/{Slot:x2}.{Function}";
}
