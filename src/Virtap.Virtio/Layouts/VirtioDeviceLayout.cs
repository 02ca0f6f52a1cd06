namespace Virtap.Virtio.Layouts;

/// <summary>
/// Where the fields of QEMU's <c>struct VirtIODevice</c> lie, in bytes from its start. A field that could not be found is null.
/// </summary>
public sealed record VirtioDeviceLayout
{
    /// <summary><c>vq</c>, a pointer to the array of queues.</summary>
    public required int Queues { get; init; }

    /// <summary><c>guest_features</c>, 64 bits: what the guest has accepted.</summary>
    public required int GuestFeatures { get; init; }

    /// <summary><c>host_features</c>, 64 bits: what the device offers.</summary>
    public required int HostFeatures { get; init; }

    /// <summary><c>name</c>, a char pointer: <c>virtio-blk</c>.</summary>
    public int? Name { get; init; }

    /// <summary><c>status</c>, 8 bits: the device status of the virtio specification.</summary>
    public int? Status { get; init; }

    /// <summary><c>device_id</c>, 16 bits: the virtio device type, 2 for a block device.</summary>
    public int? DeviceId { get; init; }

    /// <summary><c>vm_running</c>, bool.</summary>
    public int? VmRunning { get; init; }

    /// <summary><c>broken</c>, bool: the device has given up after an error of the driver.</summary>
    public int? Broken { get; init; }

    /// <summary><c>vhost_started</c>, bool: the queues are served outside of QEMU.</summary>
    public int? VhostStarted { get; init; }
}
