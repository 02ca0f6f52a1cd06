namespace Virtap.Qtest;

/// <summary>Features that a driver may take (virtio 1.2, 6).</summary>
[Flags]
public enum DriverFeatures : ulong
{
    None = 0,
    IndirectDescriptors = 1ul << 28,
    EventIndex = 1ul << 29,
    Version1 = 1ul << 32,
    Packed = 1ul << 34,
    InOrder = 1ul << 35,
    RingReset = 1ul << 40,
}

/// <summary>
/// A virtio driver outside of the guest: it does what a guest's driver does, when the test says so, and knows what it has done.
/// </summary>
public sealed class VirtioDriver
{
    private readonly GuestRam _ram;
    private readonly List<DrivenQueue> _queues = [];

    private VirtioDriver(VirtioTransport transport, GuestRam ram, ulong offered, ulong features)
    {
        Transport = transport;
        _ram = ram;
        Offered = offered;
        Features = features;
    }

    /// <summary>The device.</summary>
    public VirtioTransport Transport { get; }

    /// <summary>What the device offers.</summary>
    public ulong Offered { get; }

    /// <summary>What both agreed on.</summary>
    public ulong Features { get; }

    /// <summary>The queues that were set up, in that order.</summary>
    public IReadOnlyList<DrivenQueue> Queues => _queues;

    /// <summary>The memory that it uses.</summary>
    public GuestRam Ram => _ram;

    /// <summary>Resets a device and agrees with it on features.</summary>
    /// <param name="transport">The device.</param>
    /// <param name="ram">Memory for rings and buffers.</param>
    /// <param name="wanted">The features to take where the device offers them; version 1 always is.</param>
    /// <exception cref="InvalidOperationException">The device does not agree, or does not offer what was wanted.</exception>
    public static VirtioDriver Begin(VirtioTransport transport, GuestRam ram, DriverFeatures wanted)
    {
        transport.Status = 0;
        transport.Status = 1;
        transport.Status = 3;
        ulong offered = transport.ReadFeatures();
        ulong features = (ulong)(wanted | DriverFeatures.Version1);
        if ((features & ~offered) != 0)
            throw new InvalidOperationException($"the device does not offer {(DriverFeatures)(features & ~offered)}");
        transport.WriteFeatures(features);
        transport.Status = 11;
        if ((transport.Status & 8) == 0)
            throw new InvalidOperationException($"the device does not agree to {(DriverFeatures)features}");
        return new VirtioDriver(transport, ram, offered, features);
    }

    /// <summary>Gives the device a queue.</summary>
    /// <param name="index">Its number.</param>
    /// <param name="size">Its entries; null for as many as the device has.</param>
    /// <param name="vector">The MSI-X vector of its interrupts; null for none.</param>
    public DrivenQueue AddQueue(int index, int? size = null, int? vector = null)
    {
        int maximum = Transport.MaximumSize(index);
        if (maximum == 0 || size > maximum)
            throw new InvalidOperationException($"queue {index} has {maximum} entries");
        int entries = size ?? maximum;
        bool indexed = Has(DriverFeatures.EventIndex);
        DrivenQueue queue = Has(DriverFeatures.Packed) ? new PackedDrivenQueue(this, index, entries, indexed)
            : new SplitDrivenQueue(this, index, entries, indexed);
        Transport.Enable(index, entries, queue.Descriptors, queue.DriverArea, queue.DeviceArea, vector);
        _queues.Add(queue);
        return queue;
    }

    /// <summary>Says that the driver is ready: from now on the device serves its queues.</summary>
    public void Ready()
    {
        Transport.Status = 15;
        Transport.Qtest.Flush();
    }

    /// <summary>Whether a feature was agreed on.</summary>
    public bool Has(DriverFeatures feature) => (Features & (ulong)feature) != 0;
}
