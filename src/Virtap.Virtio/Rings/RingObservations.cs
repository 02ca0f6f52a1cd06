using Virtap.Virtio.Findings;
using static Virtap.Virtio.Findings.Field;

namespace Virtap.Virtio.Rings;

/// <summary>The driver has not set the queue up.</summary>
public sealed record QueueNotSetUp() : Observation("queueNotSetUp");

/// <summary>Guest memory cannot be found in QEMU's: what lies there beside the ring cannot be read.</summary>
public sealed record GuestMemoryNotFound() : Observation("guestMemoryNotFound");

/// <summary>Of a packed ring that QEMU does not serve itself only the device knows how far it has come.</summary>
public sealed record PackedProgressUnknown() : Observation("packedProgressUnknown");

/// <summary>QEMU has taken a descriptor of a packed ring whose flags say that it is not offered.</summary>
/// <param name="Descriptor">Its place.</param>
public sealed record TakenNotOffered(int Descriptor) : Observation("takenNotOffered", Qemu("descriptor", Descriptor));

/// <summary>A request of a packed ring has more descriptors than can belong to it.</summary>
/// <param name="Descriptor">The place of its first descriptor.</param>
/// <param name="Length">How many it has.</param>
/// <param name="Limit">How many are in flight behind the requests before it, or free.</param>
/// <param name="IsInFlight">Whether it is among the requests in flight; otherwise among those that wait.</param>
public sealed record TooManyDescriptors(int Descriptor, int Length, int Limit, bool IsInFlight) : Observation("tooManyDescriptors",
    Guest("descriptor", Descriptor), Guest("length", Length), Own("limit", Limit), Own("inFlight", IsInFlight));

/// <summary>What is shown of a request is QEMU's own copy.</summary>
/// <param name="Why">Why not what is in the ring.</param>
/// <param name="Head">The request's head.</param>
public sealed record OwnCopyShown(OwnCopyReason Why, int Head)
    : Observation("ownCopyShown", Own("why", Why.ToString()), Qemu("head", Head));

/// <summary>Why QEMU's own copy of a request is shown.</summary>
public enum OwnCopyReason
{
    /// <summary>Completions of other requests were written over its descriptors in a packed ring.</summary>
    WrittenOver,

    /// <summary>The ring cannot be seen.</summary>
    RingNotVisible,

    /// <summary>The ring's descriptor says something else by now than when QEMU took it.</summary>
    Changed,
}
