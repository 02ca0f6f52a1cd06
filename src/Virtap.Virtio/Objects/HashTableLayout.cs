using System.Buffers.Binary;
using System.Numerics;

namespace Virtap.Virtio.Objects;

/// <summary>What is in a GHashTable of GLib (glib/ghash.c), whose structure is private and came in two forms.</summary>
/// <param name="Values">Address of the array of values.</param>
/// <param name="Hashes">Address of the array of hashes, which say what slots are in use: in the others anything may stand.</param>
/// <param name="Slots">How many slots it has.</param>
/// <param name="SlotSize">8, or 4 where GLib keeps values that are small in half the space.</param>
internal readonly record struct HashTableLayout(ulong Values, ulong Hashes, int Slots, int SlotSize)
{
    // UNUSED_HASH_VALUE is 0, TOMBSTONE_HASH_VALUE 1.
    private const uint FirstHash = 2;

    /// <summary>Bytes to read of the table's head.</summary>
    public const int HeadSize = 64;

    private const int MaximumSlots = 1 << 16;

    /// <summary>Bytes of the array of values.</summary>
    public int Length => Slots * SlotSize;

    /// <summary>Bytes of the array of hashes.</summary>
    public int HashesLength => Slots * sizeof(uint);

    /// <summary>Takes a head apart; false when it is none.</summary>
    public static bool TryRead(ReadOnlySpan<byte> head, out HashTableLayout table)
    {
        table = default;
        if (head.Length < HeadSize)
            return false;
        // Since GLib 2.62: gsize size; gint mod; guint mask; guint nnodes, noccupied; flags; pointers keys, hashes, values. Before: gint
        // size first.
        return TryRead(head, mask: 12, flags: 24, values: 48, sizeBytes: 8, out table)
            || TryRead(head, mask: 8, flags: -1, values: 40, sizeBytes: 4, out table);
    }

    private static bool TryRead(ReadOnlySpan<byte> head, int mask, int flags, int values, int sizeBytes, out HashTableLayout table)
    {
        table = default;
        ulong size = sizeBytes == 8 ? BinaryPrimitives.ReadUInt64LittleEndian(head) : BinaryPrimitives.ReadUInt32LittleEndian(head);
        uint nodes = BinaryPrimitives.ReadUInt32LittleEndian(head[(mask + 4)..]),
        occupied = BinaryPrimitives.ReadUInt32LittleEndian(head[(mask + 8)..]);
        if (size is 0 or > MaximumSlots || !BitOperations.IsPow2(size) || BinaryPrimitives.ReadUInt32LittleEndian(head[mask..]) != size - 1
            || nodes > occupied || occupied > size)
            return false;
        bool small = flags >= 0 && (head[flags] & 2) == 0;
        table = new HashTableLayout(
            BinaryPrimitives.ReadUInt64LittleEndian(head[values..]), BinaryPrimitives.ReadUInt64LittleEndian(head[(values - 8)..]),
            (int)size, small ? 4 : 8);
        return true;
    }

    /// <summary>The values of the slots that are in use.</summary>
    /// <param name="array">The array of values.</param>
    /// <param name="hashes">The array of hashes.</param>
    public IEnumerable<ulong> ValuesIn(ReadOnlySpan<byte> array, ReadOnlySpan<byte> hashes)
    {
        var found = new List<ulong>();
        for (int slot = 0; (slot + 1) * SlotSize <= array.Length && (slot + 1) * sizeof(uint) <= hashes.Length; slot++)
        {
            if (BinaryPrimitives.ReadUInt32LittleEndian(hashes[(slot * sizeof(uint))..]) < FirstHash)
                continue;
            ReadOnlySpan<byte> at = array[(slot * SlotSize)..];
            found.Add(SlotSize == 8 ? BinaryPrimitives.ReadUInt64LittleEndian(at) : BinaryPrimitives.ReadUInt32LittleEndian(at));
        }

        return found;
    }
}
