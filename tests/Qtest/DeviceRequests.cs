using System.Buffers.Binary;

namespace Virtap.Qtest;

/// <summary>Requests as the drivers of some devices make them (virtio 1.2, 5.1.6, 5.2.6, 5.6.6).</summary>
public static class DeviceRequests
{
    private const int SectorBytes = 512;

    /// <summary>A disk's read.</summary>
    /// <param name="ram">Memory for its buffers.</param>
    /// <param name="sector">Where, in sectors of 512 bytes.</param>
    /// <param name="sectors">How many.</param>
    public static IReadOnlyList<GuestBuffer> BlockRead(GuestRam ram, ulong sector, int sectors = 1) => Block(ram, 0, sector, sectors);

    /// <summary>A disk's write.</summary>
    public static IReadOnlyList<GuestBuffer> BlockWrite(GuestRam ram, ulong sector, int sectors = 1) => Block(ram, 1, sector, sectors);

    /// <summary>The status that the device gave a disk's request: 0 for success.</summary>
    public static byte BlockStatus(GuestRam ram, DrivenRequest request) => ram.Qtest.Read(request.Buffers[^1].Address, 1)[0];

    /// <summary>A packet that the guest sends: queue 1 (and every odd one).</summary>
    public static IReadOnlyList<GuestBuffer> NetworkPacket(GuestRam ram, int bytes = 64)
    {
        // To everybody, from a local address, of a type that nobody knows.
        byte[] packet = new byte[12 + bytes];
        packet.AsSpan(12, 6).Fill(0xff);
        packet[12 + 6] = 0x02;
        packet[12 + 12] = 0x88;
        packet[12 + 13] = 0xb5;
        return [new(ram.Put(packet), (uint)packet.Length, false)];
    }

    /// <summary>Room for a packet that the guest receives: queue 0 (and every even one).</summary>
    public static IReadOnlyList<GuestBuffer> NetworkRoom(GuestRam ram) => [new(ram.Take(2048), 2048, true)];

    /// <summary>INQUIRY to the first target of a SCSI adapter: queue 2 (and every later one).</summary>
    public static IReadOnlyList<GuestBuffer> ScsiInquiry(GuestRam ram, byte target = 0)
    {
        const int Response = 108, Data = 36;
        byte[] header = new byte[51];
        header[0] = 1;
        header[1] = target;
        header[2] = 0x40;
        header[19] = 0x12;
        header[19 + 4] = Data;
        return [new(ram.Put(header), (uint)header.Length, false), new(ram.Take(Response), Response, true), new(ram.Take(Data), Data, true)];
    }

    private static GuestBuffer[] Block(GuestRam ram, uint type, ulong sector, int sectors)
    {
        byte[] header = new byte[16];
        BinaryPrimitives.WriteUInt32LittleEndian(header, type);
        BinaryPrimitives.WriteUInt64LittleEndian(header.AsSpan(8), sector);
        uint bytes = (uint)(sectors * SectorBytes);
        return [new(ram.Put(header), 16, false), new(ram.Take((int)bytes, SectorBytes), bytes, type == 0), new(ram.Put([0xff]), 1, true)];
    }
}
