using Virtap.Virtio.Findings;
using Virtap.Virtio.Queues;

namespace Virtap.Virtio.Rings;

/// <summary>What is in a ring at one moment.</summary>
public sealed record RingContents
{
    /// <summary>The device and its queues when the ring was read.</summary>
    public required DeviceState Device { get; init; }

    /// <summary>The queue's number.</summary>
    public required int QueueIndex { get; init; }

    /// <summary>How long the ring's indices had been watched before, for the ages; zero for a single look.</summary>
    public TimeSpan Watched { get; init; }

    /// <summary>How many looks at the indices there were.</summary>
    public int Looks { get; init; } = 1;

    /// <summary>
    /// Whether no index moved while the ring was read. Where one did, requests that came back meanwhile are left out, and of those that
    /// came meanwhile only some are there: all that is shown was in flight.
    /// </summary>
    public required bool IsStill { get; init; }

    /// <summary>
    /// Requests taken by the device and not given back, in the order they were offered. With vhost: all that have been offered and not
    /// given back.
    /// </summary>
    public IReadOnlyList<RingRequest> InFlight { get; init; } = [];

    /// <summary>Requests that the device has not taken, in their order.</summary>
    public IReadOnlyList<RingRequest> Waiting { get; init; } = [];

    /// <summary>How many requests are in flight (packed ring: descriptors), by the indices; null where they cannot be believed.</summary>
    public long? InFlightCount { get; init; }

    /// <summary>
    /// How many requests (packed ring: descriptors) are in flight that are not among <see cref="InFlight"/>: their entries in the ring
    /// were written over, and QEMU's own copies not found.
    /// </summary>
    public long NotShown { get; init; }

    /// <summary>What is to be said of the ring as a whole.</summary>
    public IReadOnlyList<Finding> Findings { get; init; } = [];

    /// <summary>The queue.</summary>
    public QueueState Queue => Device.Queues[QueueIndex];

    /// <summary>Whether something is in it that no healthy driver or device puts there.</summary>
    public bool IsBroken => Findings.Concat(InFlight.Concat(Waiting).SelectMany(r => r.Findings)).Any(f => f.Kind == FindingKind.Broken);
}
