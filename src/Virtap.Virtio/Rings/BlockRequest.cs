using System.Buffers.Binary;

namespace Virtap.Virtio.Rings;

/// <summary>The head of a request to a virtio disk: <c>struct virtio_blk_req</c> (virtio 1.2, 5.2.6).</summary>
/// <param name="Type">Its number.</param>
/// <param name="Priority"><c>ioprio</c>: 0 where the driver sets none.</param>
/// <param name="Sector">Where it begins, in sectors of 512 bytes; 0 for a request that is at no place.</param>
/// <param name="DataLength">Bytes of data, without head and status.</param>
public sealed record BlockRequest(uint Type, uint Priority, ulong Sector, ulong DataLength)
{
    /// <summary>Bytes of the head.</summary>
    internal const int HeadSize = 16;

    private const uint StatusSize = 1;

    /// <summary>What it asks for.</summary>
    public string Name => Type switch
    {
        0 => "read",
        1 => "write",
        2 or 3 => "scsi command",
        4 or 5 => "flush",
        8 => "get id",
        10 => "get lifetime",
        11 => "discard",
        13 => "write zeroes",
        14 => "secure erase",
        15 => "zone append",
        16 => "zone report",
        18 => "zone open",
        20 => "zone close",
        22 => "zone finish",
        24 => "zone reset",
        26 => "zone reset all",
        _ => $"type {Type}",
    };

    /// <summary>Whether it is about a place on the disk that its head names.</summary>
    public bool HasSector => Type is 0 or 1 or 15 or 16 or 18 or 20 or 22 or 24;

    /// <summary>Takes a head apart.</summary>
    /// <param name="head">Its bytes.</param>
    /// <param name="read">Bytes that the device reads, the head included.</param>
    /// <param name="written">Bytes that the device writes, the status included.</param>
    internal static BlockRequest Parse(ReadOnlySpan<byte> head, ulong read, ulong written)
    {
        ulong sent = read > HeadSize ? read - HeadSize : 0;
        return new BlockRequest(
            BinaryPrimitives.ReadUInt32LittleEndian(head), BinaryPrimitives.ReadUInt32LittleEndian(head[4..]),
            BinaryPrimitives.ReadUInt64LittleEndian(head[8..]),
            sent > 0 || written <= StatusSize ? sent : written - StatusSize);
    }
}
