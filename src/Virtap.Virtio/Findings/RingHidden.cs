using static Virtap.Virtio.Findings.Field;

namespace Virtap.Virtio.Findings;

/// <summary>A ring cannot be seen in guest memory, so that what waits there is not known.</summary>
public sealed record RingHidden(HiddenReason Why) : Observation("ringHidden", Own("why", Why.ToString()));

/// <summary>Why a ring cannot be seen in guest memory.</summary>
public enum HiddenReason
{
    /// <summary>Where it lies is not known.</summary>
    Unknown,

    /// <summary>It is not in this core.</summary>
    NotInCore,

    /// <summary>Its addresses, and those of the requests, go through an IOMMU of the guest.</summary>
    BehindIommu,

    /// <summary>vhost serves it, and it is no split ring that can be seen.</summary>
    ServedByVhost,
}
