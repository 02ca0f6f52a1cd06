using System.Buffers.Binary;
using Virtap.Processes.Memory;

namespace Virtap.Virtio.Guests;

/// <summary>
/// Guest memory by guest-physical addresses, as one device sees it. QEMU's map of the device's address space (<see cref="FlatView"/>) says
/// which region lies there, and the region's RAMBlock where it is in QEMU's own memory. The map is believed only if it finds a ring's
/// parts where QEMU itself has them; an address that leads to no RAM (a device's registers, or behind an IOMMU) reads as nothing.
/// </summary>
internal sealed class GuestMemory
{
    // struct MemoryRegion: an Object and some flags, then ram_block; where exactly is found out.
    private const int RegionSize = 160;
    private const int FirstPointer = 40;

    // struct RAMBlock: rcu_head (two pointers), mr, host.
    private const int BlockRegion = 16;
    private const int BlockHost = 24;
    private const int BlockSize = 32;

    private readonly TargetMemory _memory;
    private readonly FlatRange[] _ranges;
    private readonly Dictionary<ulong, ulong?> _hosts = [];

    private GuestMemory(TargetMemory memory, FlatRange[] ranges)
    {
        _memory = memory;
        _ranges = ranges;
    }

    /// <summary>Finds the memory of a guest.</summary>
    /// <param name="memory">QEMU's memory.</param>
    /// <param name="flatView">Address of the FlatView; 0 where it is not known.</param>
    /// <param name="known">Guest-physical addresses and where they are in QEMU's memory: what the map must find.</param>
    /// <returns>Null where there is no map, or it says something else.</returns>
    public static GuestMemory? Find(TargetMemory memory, ulong flatView, params ReadOnlySpan<(ulong Guest, ulong Host)> known)
    {
        if (FlatView.Read(memory, flatView) is not { } ranges)
            return null;
        var found = new GuestMemory(memory, ranges);
        foreach (var (guest, host) in known)
        {
            if (found.Translate(guest, out _) != host)
                return null;
        }

        return found;
    }

    /// <summary>Where a guest-physical address is in QEMU's memory.</summary>
    /// <param name="address">The address.</param>
    /// <param name="length">How many bytes lie there in one piece.</param>
    /// <returns>Null for an address that is not in RAM.</returns>
    public ulong? Translate(ulong address, out ulong length)
    {
        length = 0;
        int low = 0, high = _ranges.Length;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (_ranges[middle].Start + (_ranges[middle].Length - 1) < address)
                low = middle + 1;
            else
                high = middle;
        }

        if (low == _ranges.Length || address < _ranges[low].Start || HostOf(_ranges[low].Region) is not { } host)
            return null;
        ulong within = address - _ranges[low].Start;
        length = _ranges[low].Length - within;
        return host + _ranges[low].Within + within;
    }

    /// <summary>Reads as much as there is from a guest-physical address on.</summary>
    /// <returns>How many bytes were read.</returns>
    public int Read(ulong address, Span<byte> buffer)
    {
        int done = 0;
        while (done < buffer.Length && Translate(address + (ulong)done, out ulong length) is { } host)
        {
            int step = (int)Math.Min(length, (ulong)(buffer.Length - done));
            int read = _memory.Read(host, buffer.Slice(done, step));
            done += read;
            if (read < step)
                break;
        }

        return done;
    }

    /// <summary>Where the guest's RAM lies in QEMU's memory.</summary>
    public IReadOnlyList<(ulong Start, ulong Length)> HostRanges() =>
        [.. _ranges.Where(r => HostOf(r.Region) is not null).Select(r => (HostOf(r.Region)!.Value + r.Within, r.Length))];

    // The pointer in a region to a block that points back.
    private ulong? HostOf(ulong region)
    {
        if (_hosts.TryGetValue(region, out ulong? known))
            return known;
        ulong? host = null;
        Span<byte> bytes = stackalloc byte[RegionSize];
        Span<byte> block = stackalloc byte[BlockSize];
        if (_memory.TryRead(region, bytes))
        {
            for (int at = FirstPointer; at < RegionSize && host is null; at += sizeof(ulong))
            {
                ulong pointer = BinaryPrimitives.ReadUInt64LittleEndian(bytes[at..]);
                if (pointer != 0 && pointer % sizeof(ulong) == 0 && _memory.TryRead(pointer, block)
                    && BinaryPrimitives.ReadUInt64LittleEndian(block[BlockRegion..]) == region
                    && BinaryPrimitives.ReadUInt64LittleEndian(block[BlockHost..]) is not 0 and var start)
                    host = start;
            }
        }

        _hosts[region] = host;
        return host;
    }
}
