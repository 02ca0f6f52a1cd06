namespace Virtap.Qtest;

/// <summary>How a driver reaches a modern virtio device (virtio 1.2, 4.1 and 4.2): over PCI or as memory-mapped registers.</summary>
public abstract class VirtioTransport
{
    /// <summary>The machine.</summary>
    public abstract QtestConnection Qtest { get; }

    /// <summary>The device's type: 1 network, 2 block, 8 SCSI, ...</summary>
    public abstract int DeviceId { get; }

    /// <summary>The features that it offers.</summary>
    public abstract ulong ReadFeatures();

    /// <summary>Tells it which of them the driver takes.</summary>
    public abstract void WriteFeatures(ulong features);

    /// <summary>Its status: 1 acknowledge, 2 driver, 4 driver ok, 8 features ok, 64 needs reset, 128 failed. Writing 0 resets it.</summary>
    public abstract byte Status { get; set; }

    /// <summary>The most entries that a queue may have; 0 for one that is not there.</summary>
    public abstract int MaximumSize(int queue);

    /// <summary>Tells where a queue's rings are, and enables it.</summary>
    /// <param name="queue">Its number.</param>
    /// <param name="size">Its entries.</param>
    /// <param name="descriptors">Guest-physical address of the descriptors.</param>
    /// <param name="driver">That of what the driver writes: the avail ring, or the driver's event structure.</param>
    /// <param name="device">That of what the device writes: the used ring, or the device's event structure.</param>
    /// <param name="vector">The MSI-X vector of its interrupts; null for none.</param>
    public abstract void Enable(int queue, int size, ulong descriptors, ulong driver, ulong device, int? vector);

    /// <summary>Resets one queue (VIRTIO_F_RING_RESET).</summary>
    public abstract void ResetQueue(int queue);

    /// <summary>Kicks a queue.</summary>
    public abstract void Notify(int queue);

    /// <summary>Reads and clears the interrupt status: bit 0 for a used buffer, bit 1 for a change of the configuration.</summary>
    public abstract uint TakeInterruptStatus();

    /// <summary>Reads the device's own configuration.</summary>
    public abstract byte[] ReadConfiguration(int offset, int length);
}
