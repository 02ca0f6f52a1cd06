using System.Buffers.Binary;
using Virtap.Processes.Memory;
using Virtap.Virtio.Queues;

namespace Virtap.Virtio.Rings;

/// <summary>The bytes of a ring, read in one system call.</summary>
/// <param name="Descriptors">The descriptors.</param>
/// <param name="Avail">Split ring: the avail ring; packed ring: the driver's event structure.</param>
/// <param name="Used">Split ring: the used ring; packed ring: the device's event structure.</param>
internal sealed record RingTables(byte[] Descriptors, byte[] Avail, byte[] Used)
{
    private const int Head = 4;
    private const int UsedEntry = 8;

    /// <summary>Reads them; null where they cannot be read.</summary>
    public static RingTables? Read(TargetMemory memory, GuestRing ring, RingGeometry geometry)
    {
        var batch = new MemoryBatch();
        batch.Add(ring.Descriptors, (int)geometry.DescriptorBytes);
        batch.Add(ring.Avail, (int)geometry.AvailBytes);
        batch.Add(ring.Used, (int)geometry.UsedBytes);
        batch.Read(memory);
        return batch[0].IsEmpty || batch[1].IsEmpty
            || batch[2].IsEmpty ? null : new RingTables(batch[0].ToArray(), batch[1].ToArray(), batch[2].ToArray());
    }

    /// <summary>Split ring: the head that was offered as number <paramref name="index"/>.</summary>
    public ushort Offer(ushort index, uint number) =>
        BinaryPrimitives.ReadUInt16LittleEndian(Avail.AsSpan(Head + 2 * (int)(index % number)));

    /// <summary>Split ring: the head that was returned as number <paramref name="index"/>.</summary>
    public uint Return(ushort index, uint number) =>
        BinaryPrimitives.ReadUInt32LittleEndian(Used.AsSpan(Head + UsedEntry * (int)(index % number)));

    /// <summary>
    /// Split ring: whether no more was ever offered and returned than these counts say, by what follows in the rings: nothing has been
    /// written there.
    /// </summary>
    public bool IsFirstRound(ushort offered, ushort returned, uint number) => offered < number && returned <= offered
        && !Avail.AsSpan(Head + 2 * offered, 2 * ((int)number - offered)).ContainsAnyExcept((byte)0)
        && !Used.AsSpan(Head + UsedEntry * returned, UsedEntry * ((int)number - returned)).ContainsAnyExcept((byte)0);
}
