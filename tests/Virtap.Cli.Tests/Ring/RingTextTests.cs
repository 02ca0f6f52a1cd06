using Virtap.Cli.Ring;
using Virtap.Cli.Tests.Rendering;
using Virtap.Virtio.Devices;
using Virtap.Virtio.Queues;
using Virtap.Virtio.Rings;

namespace Virtap.Cli.Tests.Ring;

/// <summary>A ring's contents on terminals of several widths.</summary>
public class RingTextTests
{
    private static readonly VirtioDevice s_disk = new()
    {
        ProcessId = 4711, Address = 0x1000, Kind = "virtio-blk", Type = "virtio-blk-device", Id = "disk0",
        QueueArray = 0x2000, QueueCount = 1,
    };

    private static readonly RingContents s_ring = new()
    {
        Device = new DeviceState
        {
            Device = s_disk, DeviceId = 2, Timestamp = 1, IsLive = true, GuestFeatures = 0, HostFeatures = 0,
            Queues =
            [
                new QueueState
                {
                    Index = 0, Number = 128, Descriptors = 0x1000, Avail = 0x1800, Used = 0x2000,
                    LastAvailIndex = 4, UsedIndex = 3, InUse = 1,
                },
            ],
        },
        QueueIndex = 0, IsStill = true, InFlightCount = 1,
        InFlight =
        [
            new RingRequest
            {
                Head = 17, OfferedAt = 3, IsCertain = true, Block = new BlockRequest(0, 0, 123_456_789, 1_048_576),
                Age = new RequestAge(TimeSpan.FromSeconds(1.25), TimeSpan.FromSeconds(1.5)),
                Descriptors =
                [
                    new RingDescriptor(17, false, 0x1234_5678, 16, DescriptorFlags.Next),
                    new RingDescriptor(18, false, 0x2_1234_5000, 1_048_576, DescriptorFlags.Next | DescriptorFlags.Write),
                    new RingDescriptor(19, false, 0x1234_5688, 1, DescriptorFlags.Write),
                ],
            },
        ],
    };

    [Fact]
    public void All_columns_have_room_on_a_wide_terminal() =>
        Assert.Contains("next write", Rendered.Text(output => RingText.Write(output, s_ring), width: 200), StringComparison.Ordinal);

    [Fact]
    public void A_length_is_not_shown_without_who_writes_there()
    {
        for (int width = 40; width < 140; width++)
        {
            string[] lines = Rendered.Text(output => RingText.Write(output, s_ring), width: width).Split('\n');
            string heading = Assert.Single(lines, static line => line.Contains("HEAD", StringComparison.Ordinal));
            Assert.True(
                heading.Contains("DEVICE", StringComparison.Ordinal) || !heading.Contains("LENGTH", StringComparison.Ordinal),
                $"{width}: {heading}");
        }
    }
}
