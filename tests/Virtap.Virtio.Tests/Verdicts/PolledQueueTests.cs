using Virtap.Virtio.Devices;
using Virtap.Virtio.Features;
using Virtap.Virtio.Queues;
using Virtap.Virtio.Verdicts;

namespace Virtap.Virtio.Tests.Verdicts;

public class PolledQueueTests
{
    private static readonly VirtioDevice s_device =
        new() { ProcessId = 1, Address = 0x1000, Kind = "virtio-blk", Type = "virtio-blk-device", QueueArray = 0x2000, QueueCount = 1 };

    [Theory]
    [InlineData(1, 0ul, VerdictKind.Polled)]
    [InlineData(0, 0ul, VerdictKind.Working)]
    [InlineData(1, VirtioFeature.EventIndex, VerdictKind.Working)]
    public void A_driver_that_wants_no_notification_polls_which_is_no_fault(ushort flags, ulong feature, VerdictKind kind)
    {
        ulong features = feature == 0 ? 0 : 1ul << (int)feature;

        Verdict verdict = Assert.Single(
            DeviceJudge.Judge([State(100, flags, features), State(110, flags, features), State(130, flags, features)], HostView.None));

        Assert.Equal((kind, false), (verdict.Kind, verdict.IsFault));
    }

    private static DeviceState State(ushort index, ushort flags, ulong features) => new()
    {
        Device = s_device,
        Timestamp = index,
        Status = DeviceStatus.Acknowledge | DeviceStatus.Driver | DeviceStatus.FeaturesOk | DeviceStatus.DriverOk,
        DeviceId = 2,
        GuestFeatures = features,
        HostFeatures = features,
        Queues =
        [
            new QueueState
            {
                Index = 0, Number = 128, Descriptors = 0x1000, Avail = 0x1800, Used = 0x2000, LastAvailIndex = index, UsedIndex = index,
                InUse = 0,
                Guest = new GuestRing { AvailIndex = index, UsedIndex = index, Driver = new RingEvent(flags, null), Device = default },
            },
        ],
    };
}
