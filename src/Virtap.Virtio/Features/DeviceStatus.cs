namespace Virtap.Virtio.Features;

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
