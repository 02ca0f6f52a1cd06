namespace Virtap.Qtest;

/// <summary>
/// A modern virtio device on PCI. Its BARs are placed, and its MSI-X vectors write into guest memory, where they can be seen.
/// </summary>
public sealed class PciTransport : VirtioTransport
{
    private const int Vendor = 0x1af4;
    private const int FirstModern = 0x1040;
    private const ushort NoVector = 0xffff;

    private readonly PciBus _bus;
    private readonly int _slot;
    private readonly ulong[] _bars = new ulong[6];
    private readonly ulong _common, _notify, _isr, _configuration;
    private readonly uint _notifyMultiplier;
    private readonly Dictionary<int, ulong> _notifyAddresses = [];
    private readonly int _msix;

    /// <summary>Takes a device and enables it on its bus.</summary>
    /// <param name="bus">The bus.</param>
    /// <param name="slot">The device's slot (<c>addr=</c>).</param>
    public PciTransport(PciBus bus, int slot)
    {
        _bus = bus;
        _slot = slot;
        int id = (int)bus.Read(slot, 2, 2);
        if (bus.Read(slot, 0, 2) != Vendor || id is < 0x1000 or > 0x107f)
            throw new InvalidOperationException($"no virtio device in slot {slot}");
        // A transitional device has 0x1000 to 0x103f, and its type is its subsystem.
        DeviceId = id >= FirstModern ? id - FirstModern : (int)bus.Read(slot, 0x2e, 2);
        PlaceBars();
        bus.Write(slot, 4, 2, 0x0006);
        for (int at = (int)bus.Read(slot, 0x34, 1); at != 0; at = (int)bus.Read(slot, at + 1, 1))
        {
            uint kind = bus.Read(slot, at, 1);
            if (kind == 0x11)
                _msix = at;
            if (kind != 0x09)
                continue;
            uint type = bus.Read(slot, at + 3, 1);
            if (type is < 1 or > 4)
                continue;
            ulong address = _bars[bus.Read(slot, at + 4, 1)] + bus.Read(slot, at + 8, 4);
            switch (type)
            {
                case 1:
                    _common = address;
                    break;
                case 2:
                    _notify = address;
                    _notifyMultiplier = bus.Read(slot, at + 16, 4);
                    break;
                case 3:
                    _isr = address;
                    break;
                default:
                    _configuration = address;
                    break;
            }
        }
    }

    /// <inheritdoc/>
    public override QtestConnection Qtest => _bus.Qtest;

    /// <inheritdoc/>
    public override int DeviceId { get; }

    /// <inheritdoc/>
    public override byte Status { get => (byte)Common(0x14, 1); set => SetCommon(0x14, 1, value); }

    /// <summary>
    /// Enables MSI-X. Vector n writes <paramref name="data"/> + n to <paramref name="address"/> + 4 n: in memory it stays to be seen, and
    /// whoever has seen it clears it.
    /// </summary>
    public void EnableMsix(ulong address, uint data, int vectors)
    {
        uint table = _bus.Read(_slot, _msix + 4, 4);
        ulong entries = _bars[table & 7] + (table & ~7u);
        for (uint n = 0; n < vectors; n++)
        {
            ulong entry = entries + (16 * n);
            ulong target = address + (4 * n);
            Qtest.WriteRegister(entry, 4, (uint)target);
            Qtest.WriteRegister(entry + 4, 4, target >> 32);
            Qtest.WriteRegister(entry + 8, 4, data + n);
            Qtest.WriteRegister(entry + 12, 4, 0);
        }

        _bus.Write(_slot, _msix + 2, 2, 0x8000);
    }

    /// <inheritdoc/>
    public override ulong ReadFeatures()
    {
        SetCommon(0, 4, 0);
        ulong low = Common(4, 4);
        SetCommon(0, 4, 1);
        return low | (Common(4, 4) << 32);
    }

    /// <inheritdoc/>
    public override void WriteFeatures(ulong features)
    {
        SetCommon(8, 4, 0);
        SetCommon(12, 4, (uint)features);
        SetCommon(8, 4, 1);
        SetCommon(12, 4, features >> 32);
    }

    /// <inheritdoc/>
    public override int MaximumSize(int queue)
    {
        SetCommon(0x16, 2, (uint)queue);
        return (int)Common(0x18, 2);
    }

    /// <inheritdoc/>
    public override void Enable(int queue, int size, ulong descriptors, ulong driver, ulong device, int? vector)
    {
        SetCommon(0x16, 2, (uint)queue);
        SetCommon(0x18, 2, (uint)size);
        SetCommon(0x1a, 2, (uint)(vector ?? NoVector));
        SetAddress(0x20, descriptors);
        SetAddress(0x28, driver);
        SetAddress(0x30, device);
        _notifyAddresses[queue] = _notify + (Common(0x1e, 2) * _notifyMultiplier);
        SetCommon(0x1c, 2, 1);
    }

    /// <inheritdoc/>
    public override void ResetQueue(int queue)
    {
        SetCommon(0x16, 2, (uint)queue);
        SetCommon(0x3a, 2, 1);
    }

    /// <inheritdoc/>
    public override void Notify(int queue) => Qtest.WriteRegister(_notifyAddresses[queue], 2, (uint)queue);

    /// <inheritdoc/>
    public override uint TakeInterruptStatus() => (uint)Qtest.ReadRegister(_isr, 1);

    /// <inheritdoc/>
    public override byte[] ReadConfiguration(int offset, int length)
    {
        byte[] bytes = new byte[length];
        for (int n = 0; n < length; n++)
            bytes[n] = (byte)Qtest.ReadRegister(_configuration + (ulong)(offset + n), 1);
        return bytes;
    }

    // Sizes are found as firmware finds them: all ones are written, and what stays zero is the size (PCI 3.0, 6.2.5.1).
    private void PlaceBars()
    {
        for (int n = 0; n < _bars.Length; n++)
        {
            int at = 0x10 + (4 * n);
            _bus.Write(_slot, at, 4, 0xffffffff);
            uint mask = _bus.Read(_slot, at, 4);
            // Ports are the legacy interface's: nobody uses it here.
            if (mask == 0 || (mask & 1) != 0)
                continue;
            _bars[n] = _bus.Take(~(mask & ~0xfu) + 1);
            _bus.Write(_slot, at, 4, (uint)_bars[n]);
            if ((mask & 4) != 0)
                _bus.Write(_slot, 0x10 + (4 * ++n), 4, 0);
        }
    }

    private ulong Common(uint offset, int size) => Qtest.ReadRegister(_common + offset, size);

    private void SetCommon(uint offset, int size, ulong value) => Qtest.WriteRegister(_common + offset, size, value);

    private void SetAddress(uint offset, ulong value)
    {
        SetCommon(offset, 4, (uint)value);
        SetCommon(offset + 4, 4, value >> 32);
    }
}
