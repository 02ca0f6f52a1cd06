namespace Virtap.Virtio.Queues;

/// <summary>Arithmetic of ring indices: modulo 2^16 for split rings; modulo the size with a wrap counter for packed ones.</summary>
internal static class RingIndex
{
    /// <summary>How far a split ring's index has gone from another.</summary>
    public static int Distance(ushort from, ushort to) => (ushort)(to - from);

    /// <summary>How far a packed ring's index has gone from another, when it has gone less than a whole round.</summary>
    public static int Distance(ushort from, bool fromWrap, ushort to, bool toWrap, uint number) =>
        to - from + (fromWrap == toWrap ? 0 : (int)number);

    /// <summary>
    /// Whether a step of the index passes the event index that the other side asked to be notified at: vring_need_event of the virtio
    /// specification (1.2, 2.7.7.1).
    /// </summary>
    public static bool Passes(ushort eventIndex, ushort from, ushort to) => (ushort)(to - eventIndex - 1) < (ushort)(to - from);
}
