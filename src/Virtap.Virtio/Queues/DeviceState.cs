using Virtap.Virtio.Devices;
using Virtap.Virtio.Features;

namespace Virtap.Virtio.Queues;

/// <summary>A device and its queues at one moment.</summary>
public sealed record DeviceState
{
    /// <summary>The device.</summary>
    public required VirtioDevice Device { get; init; }

    /// <summary>When it was read, as <see cref="System.Diagnostics.Stopwatch.GetTimestamp"/> counts.</summary>
    public required long Timestamp { get; init; }

    /// <summary>Whether it was read from a QEMU that runs; otherwise from a core, which holds one moment.</summary>
    public bool IsLive { get; init; } = true;

    /// <summary>How far the driver has come; null where QEMU's layout does not tell.</summary>
    public DeviceStatus? Status { get; init; }

    /// <summary>What driver and device have agreed on; complete when the driver has set <see cref="DeviceStatus.FeaturesOk"/>.</summary>
    public required ulong GuestFeatures { get; init; }

    /// <summary>What the device offers.</summary>
    public required ulong HostFeatures { get; init; }

    /// <summary>The virtio device type (2 for a block device).</summary>
    public int? DeviceId { get; init; }

    /// <summary>Whether the machine runs, as the device was told.</summary>
    public bool? VmRunning { get; init; }

    /// <summary>Whether QEMU has given the device up after an error of the driver.</summary>
    public bool? Broken { get; init; }

    /// <summary>Whether the queues are served outside of QEMU (vhost, vhost-user, vdpa): its indices are then not live.</summary>
    public bool? VhostStarted { get; init; }

    /// <summary>Whether QEMU's own indices tell nothing: the queues are served outside of QEMU, or would be if they were served.</summary>
    public bool IsVhost => VhostStarted == true || Device.Type.StartsWith("vhost-", StringComparison.Ordinal);

    /// <summary>Its queues, by their number.</summary>
    public required IReadOnlyList<QueueState> Queues { get; init; }

    /// <summary>Names of the features agreed on.</summary>
    public IReadOnlyList<string> GuestFeatureNames => FeatureNames.Of(GuestFeatures, DeviceId);

    /// <summary>Names of the features offered.</summary>
    public IReadOnlyList<string> HostFeatureNames => FeatureNames.Of(HostFeatures, DeviceId);

    /// <summary>Whether its rings are packed.</summary>
    public bool IsPacked => VirtioFeature.Has(GuestFeatures, VirtioFeature.RingPacked);

    /// <summary>Whether both sides say at which index they want to be notified.</summary>
    public bool HasEventIndex => VirtioFeature.Has(GuestFeatures, VirtioFeature.EventIndex);
}
