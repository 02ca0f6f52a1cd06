namespace Virtap.Virtio.Rings;

/// <summary>Flags of a descriptor (virtio 1.2, 2.7.5 and 2.8.1).</summary>
[Flags]
public enum DescriptorFlags : ushort
{
    None = 0,

    /// <summary>The buffer goes on in another descriptor.</summary>
    Next = 1,

    /// <summary>The device writes to it; without it the device reads.</summary>
    Write = 2,

    /// <summary>It is a table of descriptors.</summary>
    Indirect = 4,

    /// <summary>Packed ring: offered, if it is as the driver's wrap counter.</summary>
    Avail = 1 << 7,

    /// <summary>Packed ring: given back, if it is as the device's wrap counter.</summary>
    Used = 1 << 15,
}
