using Virtap.Virtio.Devices;
using Virtap.Virtio.Queues;

namespace Virtap.Cli.Tests.Rendering;

/// <summary>A disk to be shown: disk0 of QEMU 4711, with one queue of 128, two requests in flight.</summary>
internal static class Disk
{
    public static DeviceState State { get; } = new()
    {
        Device =
            new VirtioDevice { ProcessId = 4711, Address = 0x1000, Kind = "virtio-blk", Type = "virtio-blk-device", Id = "disk0",
                QueueArray = 0x2000, QueueCount = 1 },
        Timestamp = 0,
        GuestFeatures = 0,
        HostFeatures = 0,
        DeviceId = 2,
        Queues = [new QueueState { Number = 128, LastAvailIndex = 3, UsedIndex = 1, InUse = 2 }],
    };
}
