using Virtap.Virtio.Findings;

namespace Virtap.Cli.Words;

/// <summary>Fields that contradict each other, in words.</summary>
internal static class ContradictionWords
{
    public static string? Of(Observation what) => what switch
    {
        ImpossibleSize size =>
            $"a ring of {size.Number} entries is none: "
            + (size.IsPacked ? "at most 32768 are allowed" : "a power of two up to 32768 is needed"),
        MoreInUseThanEntries much => $"inuse is {much.InUse}, more than the {much.Number} entries of the ring",
        InUseDisagrees odd =>
            $"inuse is {odd.InUse}, but {odd.InFlight} {(odd.InFlight == 1 ? "was" : "were")} taken and not given back "
            + $"(last_avail_idx {odd.LastAvail}, used_idx {odd.Used})",
        AvailTooFarAhead { IsDrivers: false } far =>
            $"shadow_avail_idx {far.Index} is {far.Ahead} ahead of last_avail_idx {far.LastAvail}: more than a ring of {far.Number}",
        AvailTooFarAhead far =>
            $"the driver's avail.idx {far.Index} is {far.Ahead} ahead of last_avail_idx {far.LastAvail}: more than a ring of {far.Number} "
            + "(QEMU will say \"Guest moved used index\", meaning this avail index)",
        UsedIndexDiffers used =>
            $"used.idx in guest memory is {used.InGuest}, QEMU's own used_idx {used.InQemu}: somebody else has written to the used ring",
        Misaligned part =>
            $"the {Of(part.Part)} at 0x{part.Address:x} {(part.Part == RingPart.Descriptors ? "are" : "is")} "
            + $"not aligned to {part.Alignment} bytes",
        PartsOverlap both =>
            $"the {Of(both.One.Part)} (0x{both.One.Address:x}, {both.One.Length} bytes for num = {both.Number}) "
            + $"and the {Of(both.Other.Part)} (0x{both.Other.Address:x}, {both.Other.Length} bytes) overlap",
        _ => null,
    };

    private static string Of(RingPart part) => part switch
    {
        RingPart.Descriptors => "descriptors",
        RingPart.Avail => "avail ring",
        _ => "used ring",
    };
}
