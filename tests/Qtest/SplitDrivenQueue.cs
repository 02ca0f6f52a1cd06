using System.Buffers.Binary;

namespace Virtap.Qtest;

/// <summary>A split ring (virtio 1.2, 2.7): descriptors, avail ring, used ring.</summary>
internal sealed class SplitDrivenQueue : DrivenQueue
{
    private const ushort Next = 1, Write = 2, Indirect = 4, NoInterrupt = 1;

    private readonly Queue<ushort> _free;
    private readonly Dictionary<ushort, ushort[]> _chains = [];
    private ushort _put, _published, _taken, _given;
    private byte[] _used = [];

    public SplitDrivenQueue(VirtioDriver driver, int index, int size, bool hasEventIndex) : base(driver, index, size, hasEventIndex)
    {
        Descriptors = driver.Ram.Take(16 * size, 4096);
        DriverArea = driver.Ram.Take(6 + (2 * size), 4096);
        DeviceArea = driver.Ram.Take(6 + (8 * size), 4096);
        UsedEvent = hasEventIndex ? (ushort)0 : null;
        _free = new Queue<ushort>(Enumerable.Range(0, size).Select(n => (ushort)n));
    }

    public override ushort AvailIndex => _published;

    public override ushort UsedIndex => _taken;

    public override void Publish()
    {
        _published = _put;
        Qtest.Write16(DriverArea + 2, _published);
    }

    public override void WantInterrupt(int after = 1)
    {
        if (!HasEventIndex)
        {
            if (after > 1)
                throw new NotSupportedException("without EVENT_IDX every request is announced, or none");
            Qtest.Write16(DriverArea, 0);
            return;
        }

        UsedEvent = (ushort)(_taken + after - 1);
        Qtest.Write16(DriverArea + 4 + (ulong)(2 * Size), UsedEvent.Value);
    }

    public override void WantNoInterrupt()
    {
        // With event_idx an index that was passed long ago is never passed again.
        if (HasEventIndex)
        {
            UsedEvent = (ushort)(_taken - 1);
            Qtest.Write16(DriverArea + 4 + (ulong)(2 * Size), UsedEvent.Value);
        }
        else
        {
            Qtest.Write16(DriverArea, NoInterrupt);
        }
    }

    private protected override ushort PutDescriptors(IReadOnlyList<GuestBuffer> buffers, ulong? table)
    {
        GuestBuffer[] parts = table is { } address ? [new(address, (uint)(16 * buffers.Count), false)] : [.. buffers];
        ushort[] chain = [.. parts.Select(_ => _free.Dequeue())];
        for (int n = 0; n < parts.Length; n++)
        {
            bool last = n + 1 == parts.Length;
            int flags = (last ? 0 : Next) | (parts[n].DeviceWrites ? Write : 0) | (table is null ? 0 : Indirect);
            Qtest.Write(Descriptors + (16ul * chain[n]), Descriptor(parts[n], flags, last ? (ushort)0 : chain[n + 1]));
        }

        _chains[chain[0]] = chain;
        Qtest.Write16(DriverArea + 4 + (2ul * (uint)(_put % Size)), chain[0]);
        _put++;
        return chain[0];
    }

    private protected override ulong PutTable(IReadOnlyList<GuestBuffer> buffers) =>
        Driver.Ram.Put([.. buffers.SelectMany((b, n) =>
        {
            bool last = n + 1 == buffers.Count;
            return Descriptor(b, (last ? 0 : Next) | (b.DeviceWrites ? Write : 0), last ? (ushort)0 : (ushort)(n + 1));
        })]);

    private protected override ushort? TakeNext()
    {
        if (_taken == _given)
        {
            _given = Qtest.Read16(DeviceArea + 2);
            if (_taken == _given)
                return null;
            // All at once: over a slow line the round trips are what takes the time.
            _used = Qtest.Read(DeviceArea + 4, 8 * Size);
        }

        ushort id = BinaryPrimitives.ReadUInt16LittleEndian(_used.AsSpan(8 * (_taken % Size)));
        _taken++;
        if (_chains.Remove(id, out ushort[]? chain))
        {
            foreach (ushort descriptor in chain)
                _free.Enqueue(descriptor);
        }

        return id;
    }

    private static byte[] Descriptor(GuestBuffer buffer, int flags, ushort next)
    {
        byte[] bytes = new byte[16];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, buffer.Address);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(8), buffer.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(12), (ushort)flags);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(14), next);
        return bytes;
    }
}
