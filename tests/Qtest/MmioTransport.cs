namespace Virtap.Qtest;

/// <summary>
/// A device of virtio-mmio, version 2: <c>-global virtio-mmio.force-legacy=false</c>. The machine <c>virt</c> of aarch64 has 32 places for
/// them, from 0xa000000 on, every 512 bytes; QEMU fills them from the last one down.
/// </summary>
public sealed class MmioTransport : VirtioTransport
{
    private const ulong FirstOfVirt = 0xa000000;
    private const uint Places = 32;
    private const uint PlaceBytes = 0x200;
    private const uint Magic = 0x74726976;

    private readonly ulong _base;

    private MmioTransport(QtestConnection qtest, ulong address)
    {
        Qtest = qtest;
        _base = address;
    }

    /// <inheritdoc/>
    public override QtestConnection Qtest { get; }

    /// <inheritdoc/>
    public override int DeviceId => (int)Register(0x008);

    /// <inheritdoc/>
    public override byte Status { get => (byte)Register(0x070); set => Set(0x070, value); }

    /// <summary>The devices of a machine <c>virt</c>, in the order in which they were given to QEMU.</summary>
    public static IReadOnlyList<MmioTransport> OfVirt(QtestConnection qtest) =>
        [.. Enumerable.Range(0, (int)Places).Reverse().Select(n => new MmioTransport(qtest, FirstOfVirt + ((uint)n * PlaceBytes)))
            .Where(t => t.Register(0) == Magic && t.DeviceId != 0).Select(t => t.Register(0x004) == 2 ? t
                : throw new InvalidOperationException("a legacy device: QEMU was started without -global virtio-mmio.force-legacy=false"))];

    /// <inheritdoc/>
    public override ulong ReadFeatures()
    {
        Set(0x014, 0);
        ulong low = Register(0x010);
        Set(0x014, 1);
        return low | ((ulong)Register(0x010) << 32);
    }

    /// <inheritdoc/>
    public override void WriteFeatures(ulong features)
    {
        Set(0x024, 0);
        Set(0x020, (uint)features);
        Set(0x024, 1);
        Set(0x020, (uint)(features >> 32));
    }

    /// <inheritdoc/>
    public override int MaximumSize(int queue)
    {
        Set(0x030, (uint)queue);
        return (int)Register(0x034);
    }

    /// <inheritdoc/>
    public override void Enable(int queue, int size, ulong descriptors, ulong driver, ulong device, int? vector)
    {
        if (vector is not null)
            throw new NotSupportedException("virtio-mmio has no MSI-X");
        Set(0x030, (uint)queue);
        Set(0x038, (uint)size);
        SetAddress(0x080, descriptors);
        SetAddress(0x090, driver);
        SetAddress(0x0a0, device);
        Set(0x044, 1);
    }

    /// <inheritdoc/>
    public override void ResetQueue(int queue)
    {
        Set(0x030, (uint)queue);
        Set(0x0c0, 1);
    }

    /// <inheritdoc/>
    public override void Notify(int queue) => Set(0x050, (uint)queue);

    /// <inheritdoc/>
    public override uint TakeInterruptStatus()
    {
        uint status = Register(0x060);
        Set(0x064, status);
        return status;
    }

    /// <inheritdoc/>
    public override byte[] ReadConfiguration(int offset, int length)
    {
        byte[] bytes = new byte[length];
        for (int n = 0; n < length; n++)
            bytes[n] = (byte)Qtest.ReadRegister(_base + 0x100 + (ulong)(offset + n), 1);
        return bytes;
    }

    private uint Register(uint offset) => (uint)Qtest.ReadRegister(_base + offset, 4);

    private void Set(uint offset, uint value) => Qtest.WriteRegister(_base + offset, 4, value);

    private void SetAddress(uint offset, ulong value)
    {
        Set(offset, (uint)value);
        Set(offset + 4, (uint)(value >> 32));
    }
}
