using Virtap.Virtio.Findings;
using Virtap.Virtio.Queues;

namespace Virtap.Virtio.Rings;

/// <summary>How far a queue has come.</summary>
/// <param name="Taken">How many requests (packed ring: descriptors) the device has taken, modulo <paramref name="Round"/>.</param>
/// <param name="InFlight">How many it has not given back; null where the indices cannot be believed.</param>
/// <param name="Waiting">Split ring: how many are offered and not taken; null for a packed ring, and where the indices cannot be
/// believed.</param>
/// <param name="Round">After how many the counts begin again.</param>
internal readonly record struct RingPosition(int Taken, int? InFlight, int? Waiting, int Round)
{
    /// <summary>
    /// The position of a queue. Of one that vhost serves QEMU does not know how far the device has come: all that is offered counts as
    /// taken.
    /// </summary>
    public static RingPosition Of(DeviceState state, int queue)
    {
        QueueState one = state.Queues[queue];
        int number = (int)Math.Min(one.Number, 32768);
        if (state.IsPacked)
        {
            long? inFlight = state.VhostStarted == true ? null : QueueInvariants.InFlight(one, packed: true);
            return new RingPosition(
                one.LastAvailIndex + (one.LastAvailWrap == false ? number : 0), Believe(inFlight, number), null, 2 * number);
        }

        if (state.VhostStarted == true)
        {
            return one.Guest is { AvailIndex: { } offered, UsedIndex: { } returned }
                ? new RingPosition(offered, Believe(RingIndex.Distance(returned, offered), number), 0, 1 << 16) : default;
        }

        return new RingPosition(one.LastAvailIndex, Believe(RingIndex.Distance(one.UsedIndex, one.LastAvailIndex), number),
            one.Guest is { AvailIndex: { } avail } ? Believe(RingIndex.Distance(one.LastAvailIndex, avail), number) : null, 1 << 16);
    }

    // No ring holds more than it has entries.
    private static int? Believe(long? count, int number) => count is >= 0 && count <= number ? (int)count : null;
}
