using System.Numerics;
using Virtap.Virtio.Queues;

namespace Virtap.Virtio.Verdicts;

/// <summary>
/// What always holds in a virtqueue that nobody is working on at the moment (QEMU hw/virtio/virtio.c; its own checks are in virtqueue_num_heads, virtqueue_pop and virtio_load). While a thread is between two
/// stores of virtqueue_pop or virtqueue_flush, <c>inuse</c> may be off for some nanoseconds: what is broken in a single state of a running machine proves nothing.
/// </summary>
public static class QueueInvariants
{
    private const uint LargestRing = 32768;

    /// <summary>Says which of them a queue breaks.</summary>
    /// <param name="queue">The queue.</param>
    /// <param name="packed">Whether its ring is packed.</param>
    public static IReadOnlyList<Finding> Check(QueueState queue, bool packed)
    {
        var findings = new List<Finding>();
        if (queue.Number == 0)
            return findings;
        if (queue.Number > LargestRing || (!packed && !BitOperations.IsPow2(queue.Number)))
            Break($"a ring of {queue.Number} entries is none: " + (packed ? "at most 32768 are allowed" : "a power of two up to 32768 is needed"));
        if (queue.InUse > queue.Number)
            Break($"inuse is {queue.InUse}, more than the {queue.Number} entries of the ring");
        if (InFlight(queue, packed) is { } inFlight && queue.InUse is { } inUse && inFlight != inUse)
        {
            Break($"inuse is {inUse}, but {inFlight} were taken and not given back (last_avail_idx {queue.LastAvailIndex}, used_idx {queue.UsedIndex})");
        }

        if (!packed)
            CheckSplit(queue, Break);
        CheckAddresses(queue, packed, Break);
        return findings;

        void Break(string text) => findings.Add(new Finding(FindingKind.Broken, text));
    }

    /// <summary>Requests (packed: descriptors) taken and not given back, by the indices alone; null where a packed ring's wrap counters are not known.</summary>
    public static long? InFlight(QueueState queue, bool packed) =>
        !packed ? RingIndex.Distance(queue.UsedIndex, queue.LastAvailIndex)
        : queue.UsedWrap is { } usedWrap && queue.LastAvailWrap is { } availWrap
            ? RingIndex.Distance(queue.UsedIndex, usedWrap, queue.LastAvailIndex, availWrap, queue.Number)
        : null;

    private static void CheckSplit(QueueState queue, Action<string> broken)
    {
        if (queue.ShadowAvailIndex is { } shadow && RingIndex.Distance(queue.LastAvailIndex, shadow) > queue.Number)
            broken($"shadow_avail_idx {shadow} is {RingIndex.Distance(queue.LastAvailIndex, shadow)} ahead of last_avail_idx {queue.LastAvailIndex}: more than a ring of {queue.Number}");
        if (queue.Guest is not { } guest)
            return;
        if (guest.AvailIndex is { } avail && RingIndex.Distance(queue.LastAvailIndex, avail) > queue.Number)
        {
            broken($"the driver's avail.idx {avail} is {RingIndex.Distance(queue.LastAvailIndex, avail)} ahead of last_avail_idx {queue.LastAvailIndex}: more than a ring of {queue.Number} "
                + "(QEMU will say \"Guest moved used index\", meaning this avail index)");
        }

        if (guest.UsedIndex is { } used && used != queue.UsedIndex)
            broken($"used.idx in guest memory is {used}, QEMU's own used_idx {queue.UsedIndex}: somebody else has written to the used ring");
    }

    // The three parts, in guest-physical addresses. A driver may put them anywhere, but aligned and not on top of each other.
    private static void CheckAddresses(QueueState queue, bool packed, Action<string> broken)
    {
        if (queue is not { Descriptors: { } descriptors and not 0, Avail: { } avail and not 0, Used: { } used and not 0 } || queue.Number > LargestRing)
            return;
        var ring = new RingGeometry(queue.Number, packed, EventIndex: false);
        if (descriptors % 16 != 0)
            broken($"the descriptors at 0x{descriptors:x} are not aligned to 16 bytes");
        if (avail % (packed ? 4u : 2u) != 0)
            broken($"the avail ring at 0x{avail:x} is not aligned to {(packed ? 4 : 2)} bytes");
        if (used % 4 != 0)
            broken($"the used ring at 0x{used:x} is not aligned to 4 bytes");
        Apart("descriptors", descriptors, ring.DescriptorBytes, "avail ring", avail, ring.AvailBytes);
        Apart("descriptors", descriptors, ring.DescriptorBytes, "used ring", used, ring.UsedBytes);
        Apart("avail ring", avail, ring.AvailBytes, "used ring", used, ring.UsedBytes);

        void Apart(string one, ulong start, ulong length, string other, ulong otherStart, ulong otherLength)
        {
            if (start < otherStart + otherLength && otherStart < start + length)
                broken($"the {one} (0x{start:x}, {length} bytes for num = {queue.Number}) and the {other} (0x{otherStart:x}, {otherLength} bytes) overlap");
        }
    }
}
