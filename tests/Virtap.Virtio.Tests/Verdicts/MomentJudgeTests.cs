using Virtap.Virtio.Devices;
using Virtap.Virtio.Features;
using Virtap.Virtio.Findings;
using Virtap.Virtio.Queues;
using Virtap.Virtio.Verdicts;

namespace Virtap.Virtio.Tests.Verdicts;

/// <summary>What one moment tells, and what it must not be taken for.</summary>
public class MomentJudgeTests
{
    private static readonly VirtioDevice s_device =
        new() { ProcessId = 1, Address = 1, Kind = "virtio-blk", Type = "virtio-blk-device", QueueArray = 1, QueueCount = 1 };

    [Fact]
    public void Requests_in_flight_are_told_and_nothing_is_called_stuck()
    {
        Verdict verdict = Judge(taken: 110, used: 100, avail: 112);

        Assert.Equal((VerdictKind.Outstanding, false), (verdict.Kind, verdict.IsFault));
        Assert.Equal(new InOneMoment(10, 2, IsPacked: false, IsVhost: false), verdict.Reason);
    }

    [Fact]
    public void A_queue_in_which_nothing_was_is_idle() => Assert.Equal(VerdictKind.Idle, Judge(taken: 100, used: 100, avail: 100).Kind);

    [Fact]
    public void Fields_that_contradict_each_other_are_a_candidate_only()
    {
        Verdict verdict = Judge(taken: 100, used: 100, avail: 1100);

        Assert.Equal((VerdictKind.Corrupt, Certainty.Candidate), (verdict.Kind, verdict.Certainty));
        Assert.Contains(verdict.Evidence, e => e is AvailTooFarAhead { IsDrivers: true, Ahead: 1000 });
    }

    [Fact]
    public void A_ring_that_is_not_in_the_core_is_not_called_idle()
    {
        Assert.Equal(VerdictKind.RingNotVisible, Judge(taken: 100, used: 100, avail: null).Kind);
        Assert.Equal(new InOneMoment(1, null, IsPacked: false, IsVhost: false), Judge(taken: 101, used: 100, avail: null).Reason);
    }

    [Fact]
    public void A_device_that_QEMU_has_given_up_is_broken_for_certain()
    {
        Verdict verdict = MomentJudge.Judge(State(100, 100, 100) with { Broken = true }, HostView.None)[0];

        Assert.Equal((VerdictKind.DeviceBroken, Certainty.Certain), (verdict.Kind, verdict.Certainty));
    }

    private static Verdict Judge(ushort taken, ushort used, ushort? avail) =>
        Assert.Single(MomentJudge.Judge(State(taken, used, avail), HostView.None));

    private static DeviceState State(ushort taken, ushort used, ushort? avail) => new()
    {
        Device = s_device,
        Timestamp = 0,
        IsLive = false,
        Status = DeviceStatus.Acknowledge | DeviceStatus.Driver | DeviceStatus.FeaturesOk | DeviceStatus.DriverOk,
        DeviceId = 2,
        GuestFeatures = 0,
        HostFeatures = 0,
        Queues =
        [
            new QueueState
            {
                Index = 0, Number = 128, Descriptors = 0x1000, Avail = 0x1800, Used = 0x2000, LastAvailIndex = taken, UsedIndex = used,
                InUse = (uint)(ushort)(taken - used),
                Guest = avail is { } index
                    ? new GuestRing { AvailIndex = index, UsedIndex = used, Driver = default, Device = default } : null,
            },
        ],
    };
}
