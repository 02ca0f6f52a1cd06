namespace Virtap.Virtio.Features;

/// <summary>The feature bits that every device may have (virtio 1.2, section 6).</summary>
public static class VirtioFeature
{
    /// <summary>Descriptors may lie in tables of their own.</summary>
    public const int IndirectDescriptors = 28;

    /// <summary>Both sides say at which index they want to be notified.</summary>
    public const int EventIndex = 29;

    /// <summary>Addresses go through an IOMMU.</summary>
    public const int AccessPlatform = 33;

    /// <summary>Packed rings.</summary>
    public const int RingPacked = 34;

    /// <summary>Requests are completed in the order they came.</summary>
    public const int InOrder = 35;

    /// <summary>Whether a set of features has one.</summary>
    public static bool Has(ulong features, int bit) => (features >> bit & 1) != 0;
}

/// <summary>The device status of the virtio specification (1.2, section 2.1): how far the guest's driver has come.</summary>
[Flags]
public enum DeviceStatus : byte
{
    None = 0,
    Acknowledge = 1,
    Driver = 2,
    DriverOk = 4,
    FeaturesOk = 8,
    NeedsReset = 64,
    Failed = 128,
}
