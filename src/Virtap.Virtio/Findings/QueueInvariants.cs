using System.Numerics;
using Virtap.Virtio.Queues;

namespace Virtap.Virtio.Findings;

/// <summary>
/// What always holds in a virtqueue that nobody is working on at the moment (QEMU hw/virtio/virtio.c; its own checks are in
/// virtqueue_num_heads, virtqueue_pop and virtio_load). While a thread is between two stores of virtqueue_pop or virtqueue_flush,
/// <c>inuse</c> may be off for some nanoseconds: what is broken in a single state of a running machine proves nothing.
/// </summary>
public static class QueueInvariants
{
    private const uint LargestRing = 32768;

    /// <summary>Says which of them a queue breaks.</summary>
    /// <param name="queue">The queue.</param>
    /// <param name="packed">Whether its ring is packed.</param>
    public static IReadOnlyList<Contradiction> Check(QueueState queue, bool packed)
    {
        var broken = new List<Contradiction>();
        if (queue.Number == 0)
            return broken;
        if (queue.Number > LargestRing || (!packed && !BitOperations.IsPow2(queue.Number)))
            broken.Add(new ImpossibleSize(queue.Number, packed));
        if (queue.InUse > queue.Number)
            broken.Add(new MoreInUseThanEntries(queue.InUse.Value, queue.Number));
        if (InFlight(queue, packed) is { } inFlight && queue.InUse is { } inUse && inFlight != inUse)
            broken.Add(new InUseDisagrees(inUse, inFlight, queue.LastAvailIndex, queue.UsedIndex));
        if (!packed)
            CheckSplit(queue, broken);
        CheckAddresses(queue, packed, broken);
        return broken;
    }

    /// <summary>
    /// Requests (packed: descriptors) taken and not given back, by the indices. A packed ring's count modulo its size: where the wrap
    /// counters are not known and the indices are equal, none are in flight or all, and inuse decides; null where that is not known
    /// either.
    /// </summary>
    public static long? InFlight(QueueState queue, bool packed)
    {
        if (!packed)
            return RingIndex.Distance(queue.UsedIndex, queue.LastAvailIndex);
        if (queue.UsedWrap is { } usedWrap && queue.LastAvailWrap is { } availWrap)
            return RingIndex.Distance(queue.UsedIndex, usedWrap, queue.LastAvailIndex, availWrap, queue.Number);
        if (queue.UsedIndex != queue.LastAvailIndex)
            return RingIndex.Distance(queue.UsedIndex, queue.UsedIndex <= queue.LastAvailIndex, queue.LastAvailIndex, true, queue.Number);
        return queue.InUse is 0 || queue.InUse == queue.Number ? queue.InUse : null;
    }

    private static void CheckSplit(QueueState queue, List<Contradiction> broken)
    {
        CheckAhead(queue.ShadowAvailIndex, isDrivers: false);
        CheckAhead(queue.Guest?.AvailIndex, isDrivers: true);
        if (queue.Guest?.UsedIndex is { } used && used != queue.UsedIndex)
            broken.Add(new UsedIndexDiffers(used, queue.UsedIndex));

        void CheckAhead(ushort? index, bool isDrivers)
        {
            if (index is { } avail && RingIndex.Distance(queue.LastAvailIndex, avail) is var ahead && ahead > queue.Number)
                broken.Add(new AvailTooFarAhead(isDrivers, avail, ahead, queue.LastAvailIndex, queue.Number));
        }
    }

    // The three parts, in guest-physical addresses. A driver may put them anywhere, but aligned and not on top of each other.
    private static void CheckAddresses(QueueState queue, bool packed, List<Contradiction> broken)
    {
        if (queue.Number > LargestRing
            || queue is not { Descriptors: { } descriptors and not 0, Avail: { } avail and not 0, Used: { } used and not 0 })
            return;
        var ring = new RingGeometry(queue.Number, packed, EventIndex: false);
        (PartExtent Extent, uint Alignment)[] parts =
        [
            (new(RingPart.Descriptors, descriptors, ring.DescriptorBytes), 16),
            (new(RingPart.Avail, avail, ring.AvailBytes), packed ? 4u : 2u),
            (new(RingPart.Used, used, ring.UsedBytes), 4),
        ];
        foreach ((PartExtent extent, uint alignment) in parts)
        {
            if (extent.Address % alignment != 0)
                broken.Add(new Misaligned(extent.Part, extent.Address, alignment));
        }

        for (int one = 0; one < parts.Length; one++)
        {
            for (int other = one + 1; other < parts.Length; other++)
            {
                if (parts[one].Extent.Overlaps(parts[other].Extent))
                    broken.Add(new PartsOverlap(parts[one].Extent, parts[other].Extent, queue.Number));
            }
        }
    }
}
