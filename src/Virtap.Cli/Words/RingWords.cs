using Virtap.Virtio.Findings;
using Virtap.Virtio.Rings;

namespace Virtap.Cli.Words;

/// <summary>What is to be said of a ring and its requests, in words.</summary>
internal static class RingWords
{
    public static string? Of(Observation what) => what switch
    {
        QueueNotSetUp => "the driver has not set the queue up",
        RingHidden { Why: HiddenReason.NotInCore } => "the ring is not in this core",
        RingHidden { Why: HiddenReason.BehindIommu } =>
            "the ring cannot be seen: its addresses, and those of the requests, go through an IOMMU of the guest",
        RingHidden => "the ring in guest memory cannot be seen",
        GuestMemoryNotFound => "where guest memory lies in QEMU's is not to be found: indirect tables and request heads cannot be read",
        PackedProgressUnknown => "of a packed ring that QEMU does not serve itself, only the device knows how far it has come",
        TakenNotOffered taken => $"QEMU has taken the descriptor at {taken.Descriptor}, whose flags say that it is not offered",
        TooManyDescriptors many =>
            $"the request at {many.Descriptor} has {many.Length} descriptors, "
            + $"of which only {many.Limit} are {(many.IsInFlight ? "in flight" : "free")}",
        OwnCopyShown { Why: OwnCopyReason.WrittenOver } =>
            "completions of other requests were written over its descriptors in the ring: shown is QEMU's own copy",
        OwnCopyShown { Why: OwnCopyReason.RingNotVisible } => "shown is QEMU's own copy, as the ring cannot be seen",
        OwnCopyShown copy =>
            $"descriptor {copy.Head} of the ring says something else by now than when QEMU took it: shown is QEMU's own copy",
        _ => null,
    };
}
