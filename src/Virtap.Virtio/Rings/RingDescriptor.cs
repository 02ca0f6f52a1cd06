namespace Virtap.Virtio.Rings;

/// <summary>A descriptor: one piece of a request.</summary>
/// <param name="Index">Its place in the ring, or in the indirect table.</param>
/// <param name="IsInTable">Whether it stands in an indirect table, not in the ring itself.</param>
/// <param name="Address">Guest-physical address of the piece (behind an IOMMU of the guest: an address of the device's).</param>
/// <param name="Length">Its bytes.</param>
/// <param name="Flags">What it is.</param>
public readonly record struct RingDescriptor(int Index, bool IsInTable, ulong Address, uint Length, DescriptorFlags Flags)
{
    /// <summary>Whether the device writes there; otherwise it reads.</summary>
    public bool IsWritten => Flags.HasFlag(DescriptorFlags.Write);

    /// <summary>Whether it is a table of the descriptors that follow it.</summary>
    public bool IsTable => Flags.HasFlag(DescriptorFlags.Indirect);
}
