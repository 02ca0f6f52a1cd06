using Virtap.Cli.Tests.Rendering;
using Virtap.Cli.Why;
using Virtap.Virtio.Devices;
using Virtap.Virtio.Queues;
using Virtap.Virtio.Findings;
using Virtap.Virtio.Verdicts;
using Virtap.Watch.Diagnoses;

namespace Virtap.Cli.Tests.Why;

/// <summary>Diagnoses of cores as people read them.</summary>
public class WhyTextTests
{
    private static readonly VirtioDevice s_disk = new()
    {
        ProcessId = 4711, Address = 0x1000, Kind = "virtio-blk", Type = "virtio-blk-device", Id = "disk0",
        QueueArray = 0x2000, QueueCount = 1,
    };

    private static Diagnosis OfMoment(VerdictKind kind, Observation? reason) =>
        new(s_disk, 1, TimeSpan.Zero, [new Verdict(kind, Certainty.Certain, Subject.Of(0), reason, [], [])],
            new DeviceState
            {
                Device = s_disk, DeviceId = 2, Timestamp = 1, IsLive = false, GuestFeatures = 0, HostFeatures = 0, Queues = [],
            });

    private static string Text(Diagnosis diagnosis) => Rendered.Text(output => WhyText.Write(output, [diagnosis]));

    [Fact]
    public void A_core_that_holds_the_rings_has_nothing_wrong_in_its_moment()
    {
        Diagnosis diagnosis = OfMoment(VerdictKind.Idle, null);

        Assert.True(diagnosis.IsHealthy);
        Assert.Equal("disk0 (virtio-blk, QEMU 4711): nothing wrong in the moment that the core holds, 1 queue idle\n", Text(diagnosis));
    }

    [Fact]
    public void A_ring_that_is_not_in_the_core_is_not_called_well()
    {
        Diagnosis diagnosis = OfMoment(VerdictKind.RingNotVisible, new RingHidden(HiddenReason.NotInCore));

        Assert.False(diagnosis.IsHealthy);
        Assert.Equal(
            """
            disk0 (virtio-blk, QEMU 4711): cannot be judged, as the core does not hold all of it, 1 queue ring not visible
              queue 0 (requests): ring not visible. QEMU worked on nothing; the ring is not in this core, so what waited there is not known.

            """, Text(diagnosis));
    }

    [Fact]
    public void Requests_in_flight_of_a_ring_that_is_not_in_the_core_are_shown_and_not_called_well()
    {
        Diagnosis diagnosis = OfMoment(VerdictKind.Outstanding, new InOneMoment(3, null, IsPacked: false, IsVhost: false));

        Assert.False(diagnosis.IsHealthy);
        Assert.Equal(
            "disk0 (virtio-blk, QEMU 4711): cannot be judged, as the core does not hold all of it, 1 queue outstanding\n"
                + "  queue 0 (requests): outstanding. QEMU worked on 3 requests: one moment does not tell whether they moved. "
                + "The ring is not in this core.\n", Text(diagnosis));
    }
}
