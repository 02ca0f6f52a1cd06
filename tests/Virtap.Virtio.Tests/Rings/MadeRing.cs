using System.Diagnostics;
using Virtap.Virtio.Devices;
using Virtap.Virtio.Features;
using Virtap.Virtio.Queues;
using Virtap.Virtio.Rings;
using Virtap.Virtio.Tests.Support;

namespace Virtap.Virtio.Tests.Rings;

/// <summary>A ring of eight entries of a disk in a made guest's memory, and QEMU's state of its queue.</summary>
internal sealed class MadeRing
{
    public const int Number = 8;
    private const ulong Descriptors = 0x10000;
    private const ulong Avail = 0x11000;
    private const ulong Used = 0x12000;

    private static readonly VirtioDevice s_device =
        new() { ProcessId = 1, Address = 1, Kind = "virtio-blk", Type = "virtio-blk-device", QueueArray = 1, QueueCount = 1 };

    private readonly MadeGuest _guest = new();
    private readonly bool _isPacked;

    public MadeRing(bool isPacked = false)
    {
        _isPacked = isPacked;
        _guest.Memory.Write(MadeGuest.Host + Descriptors, new byte[16 * Number]);
        _guest.Memory.Write(MadeGuest.Host + Avail, new byte[4 + 2 * Number]);
        _guest.Memory.Write(MadeGuest.Host + Used, new byte[4 + 8 * Number]);
    }

    /// <summary>Split: last_avail_idx; packed: the place, and with the wrap counter.</summary>
    public ushort Taken { get; set; }

    public ushort Returned { get; set; }

    public ushort Offered { get; set; }

    public bool TakenWrap { get; set; } = true;

    public bool ReturnedWrap { get; set; } = true;

    public bool IsVhost { get; set; }

    /// <summary>
    /// Puts a request of one descriptor at a place of the ring's descriptors: a read of a sector, its head where the descriptor says.
    /// </summary>
    public void Request(int index, ulong sector, DescriptorFlags flags = DescriptorFlags.None, ushort id = 0)
    {
        ulong head = 0x20000 + 64 * sector, at = MadeGuest.Host + Descriptors + 16 * (ulong)index;
        _guest.Memory.Write(at, head);
        _guest.Memory.Write(at + 8, 16);
        _guest.Memory.Write(at + 12, _isPacked ? id : (ushort)flags);
        _guest.Memory.Write(at + 14, _isPacked ? (ushort)flags : (ushort)0);
        _guest.Memory.Write(MadeGuest.Host + head, new byte[8]);
        _guest.Memory.Write(MadeGuest.Host + head + 8, sector);
    }

    /// <summary>Split: what the driver offered, one after the other from the beginning.</summary>
    public void Offer(params ushort[] heads)
    {
        foreach (ushort head in heads)
            _guest.Memory.Write(MadeGuest.Host + Avail + 4 + 2 * (ulong)(Offered++ % Number), head);
    }

    /// <summary>Split: what the device returned.</summary>
    public void Return(params uint[] heads)
    {
        foreach (uint head in heads)
            _guest.Memory.Write(MadeGuest.Host + Used + 4 + 8 * (ulong)(Returned++ % Number), head);
    }

    /// <summary>QEMU's own copy of a request.</summary>
    public static QueueElement Element(uint index, ulong sector, bool namesQueue = true) =>
        new(0x5000, index, 1, namesQueue, [new ElementPiece(0x20000 + 64 * sector, 16, false)]);

    public DeviceState State() => new()
    {
        Device = s_device,
        Timestamp = Stopwatch.GetTimestamp(),
        DeviceId = 2,
        VhostStarted = IsVhost,
        GuestFeatures = _isPacked ? 1ul << VirtioFeature.RingPacked : 0,
        HostFeatures = 0,
        Queues =
        [
            new QueueState
            {
                Index = 0, Number = Number, Descriptors = Descriptors, Avail = Avail, Used = Used,
                LastAvailIndex = Taken, LastAvailWrap = _isPacked
                    ? TakenWrap : null, UsedIndex = IsVhost ? (ushort)0 : Returned, UsedWrap = _isPacked ? ReturnedWrap : null,
                InUse = _isPacked ? (uint)(Taken - Returned + (TakenWrap == ReturnedWrap ? 0 : Number)) : (ushort)(Taken - Returned),
                Guest = new GuestRing
                {
                    AvailIndex = _isPacked ? null : Offered, UsedIndex = _isPacked ? null : Returned, Driver = default, Device = default,
                    Descriptors = MadeGuest.Host + Descriptors, Avail = MadeGuest.Host + Avail, Used = MadeGuest.Host
                        + Used, FlatView = MadeGuest.FlatView,
                },
            },
        ],
    };

    /// <summary>Takes the ring apart.</summary>
    /// <param name="elements">What was found in QEMU's memory; null for not searched.</param>
    /// <param name="meanwhile">What happens while it is read.</param>
    public RingContents Decode(IReadOnlyList<QueueElement>? elements = null, Action? meanwhile = null)
    {
        var watch = new IndexWatch();
        var decoder = new RingDecoder(_guest.Memory, watch.Add(State(), 0), 0, watch);
        RingContents contents = decoder.Decode(() =>
        {
            meanwhile?.Invoke();
            meanwhile = null;
            return State();
        })!;
        return elements is null ? contents : decoder.Settle(contents, elements);
    }
}
