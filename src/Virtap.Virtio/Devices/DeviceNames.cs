namespace Virtap.Virtio.Devices;

/// <summary>
/// Names for the addresses that trace points speak of: <c>disk0</c> for a VirtIODevice, <c>disk0/1</c> for its second queue.
/// </summary>
public sealed class DeviceNames
{
    private readonly Dictionary<ulong, VirtioDevice> _devices = [];
    private readonly int _queueSize;

    /// <summary>Names of the devices of a QEMU.</summary>
    /// <param name="qemu">The QEMU.</param>
    /// <param name="devices">Its devices (<see cref="QemuProcess.FindDevices()"/>).</param>
    public DeviceNames(QemuProcess qemu, IReadOnlyList<VirtioDevice> devices)
    {
        _queueSize = qemu.Layouts.Queue.Size;
        foreach (VirtioDevice device in devices)
            _devices[device.Address] = device;
    }

    /// <summary>The name of the device at an address; null for none.</summary>
    public string? Device(ulong address) => _devices.TryGetValue(address, out VirtioDevice? device) ? device.Name : null;

    /// <summary>The name of the queue at an address, with its number after a slash; null for none.</summary>
    public string? Queue(ulong address)
    {
        foreach (VirtioDevice device in _devices.Values)
        {
            ulong offset = unchecked(address - device.QueueArray);
            if (offset % (ulong)_queueSize == 0 && offset / (ulong)_queueSize < (ulong)device.QueueCount)
                return $"{device.Name}/{offset / (ulong)_queueSize}";
        }

        return null;
    }
}
