using System.Buffers.Binary;

namespace Virtap.Qtest;

/// <summary>A packed ring (virtio 1.2, 2.8): one ring of descriptors, and an event structure of each side.</summary>
internal sealed class PackedDrivenQueue : DrivenQueue
{
    private const int Next = 1, Write = 2, Indirect = 4, Avail = 1 << 7, Used = 1 << 15;
    private const ushort Always = 0, Never = 1, AtIndex = 2;

    private readonly Queue<ushort> _ids;
    private readonly Dictionary<ushort, int> _lengths = [];
    // Flags of first descriptors that the device may not see yet.
    private readonly List<(ulong Address, ushort Flags)> _held = [];
    private ushort _put, _published, _taken;
    private bool _putWrap = true, _publishedWrap = true, _takenWrap = true;

    public PackedDrivenQueue(VirtioDriver driver, int index, int size, bool hasEventIndex) : base(driver, index, size, hasEventIndex)
    {
        Descriptors = driver.Ram.Take(16 * size, 4096);
        DriverArea = driver.Ram.Take(4, 4096);
        DeviceArea = driver.Ram.Take(4, 4096);
        _ids = new Queue<ushort>(Enumerable.Range(0, size).Select(n => (ushort)n));
    }

    public override ushort AvailIndex => _published;

    public override bool? AvailWrap => _publishedWrap;

    public override ushort UsedIndex => _taken;

    public override bool? UsedWrap => _takenWrap;

    // The flags of a chain's first descriptor are written last: with them the device takes the whole chain (2.8.14).
    public override void Publish()
    {
        foreach ((ulong address, ushort flags) in _held)
            Qtest.Write16(address, flags);
        _held.Clear();
        (_published, _publishedWrap) = (_put, _putWrap);
    }

    public override void WantInterrupt(int after = 1)
    {
        if (after > 1)
            throw new NotSupportedException("where a later request is given back in a packed ring, its descriptors decide");
        if (HasEventIndex)
        {
            UsedEvent = (ushort)(_taken | (_takenWrap ? 0x8000 : 0));
            Qtest.Write16(DriverArea, UsedEvent.Value);
        }

        Qtest.Write16(DriverArea + 2, HasEventIndex ? AtIndex : Always);
    }

    public override void WantNoInterrupt() => Qtest.Write16(DriverArea + 2, Never);

    private protected override ushort PutDescriptors(IReadOnlyList<GuestBuffer> buffers, ulong? table)
    {
        GuestBuffer[] parts = table is { } address ? [new(address, (uint)(16 * buffers.Count), false)] : [.. buffers];
        ushort id = _ids.Dequeue();
        _lengths[id] = parts.Length;
        for (int n = 0; n < parts.Length; n++)
        {
            int flags = (n + 1 == parts.Length ? 0 : Next) | (parts[n].DeviceWrites ? Write : 0) | (table is null ? 0 : Indirect)
                | (_putWrap ? Avail : Used);
            ulong at = Descriptors + (16ul * _put);
            // Until it is published, the first one stays as it was: not available.
            int now = n > 0 ? flags : _putWrap ? 0 : Avail | Used;
            Qtest.Write(at, Descriptor(parts[n], id, now));
            if (n == 0)
                _held.Add((at + 14, (ushort)flags));
            if (++_put == Size)
                (_put, _putWrap) = (0, !_putWrap);
        }

        return id;
    }

    private protected override ulong PutTable(IReadOnlyList<GuestBuffer> buffers) =>
        Driver.Ram.Put([.. buffers.SelectMany(b => Descriptor(b, 0, b.DeviceWrites ? Write : 0))]);

    private protected override ushort? TakeNext()
    {
        byte[] bytes = Qtest.Read(Descriptors + (16ul * _taken) + 12, 4);
        ushort id = BinaryPrimitives.ReadUInt16LittleEndian(bytes);
        int flags = BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(2));
        bool avail = (flags & Avail) != 0, used = (flags & Used) != 0;
        if (avail != used || used != _takenWrap || !_lengths.Remove(id, out int length))
            return null;
        _ids.Enqueue(id);
        int next = _taken + length;
        if (next >= Size)
            (next, _takenWrap) = (next - Size, !_takenWrap);
        _taken = (ushort)next;
        return id;
    }

    private static byte[] Descriptor(GuestBuffer buffer, ushort id, int flags)
    {
        byte[] bytes = new byte[16];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, buffer.Address);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(8), buffer.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(12), id);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(14), (ushort)flags);
        return bytes;
    }
}
