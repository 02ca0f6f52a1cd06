using System.Text.Json;
using Virtap.Cli.Tests.Rendering;
using Virtap.Cli.Why;
using Virtap.Virtio.Devices;
using Virtap.Virtio.Queues;
using Virtap.Virtio.Findings;
using Virtap.Virtio.Verdicts;
using Virtap.Watch.Diagnoses;
using Virtap.Watch.Targets;

namespace Virtap.Cli.Tests.Why;

/// <summary>Diagnoses of what could not be looked at, all of it or in part, as people read them.</summary>
public class WhyTextTests
{
    private static readonly VirtioDevice s_disk = new()
    {
        ProcessId = 4711, Address = 0x1000, Kind = "virtio-blk", Type = "virtio-blk-device", Id = "disk0",
        QueueArray = 0x2000, QueueCount = 1,
    };

    private static Diagnosis Live(Observation reason)
    {
        Diagnosis moment = OfMoment(VerdictKind.RingNotVisible, reason);
        return moment with { Last = moment.Last! with { IsLive = true } };
    }

    private static Diagnosis OfMoment(VerdictKind kind, Observation? reason) =>
        new(s_disk, 1, TimeSpan.Zero, [new Verdict(kind, Certainty.Certain, Subject.Of(0), reason, [], [])],
            new DeviceState
            {
                Device = s_disk, DeviceId = 2, Timestamp = 1, IsLive = false, GuestFeatures = 0, HostFeatures = 0, Queues = [],
            });

    private static string Text(Diagnosis diagnosis, params IReadOnlyList<LeftOut> leftOut) =>
        Rendered.Text(output => WhyText.Write(output, [diagnosis], leftOut));

    [Fact]
    public void A_core_that_holds_the_rings_has_nothing_wrong_in_its_moment()
    {
        Diagnosis diagnosis = OfMoment(VerdictKind.Idle, null);

        Assert.True(diagnosis.IsHealthy);
        Assert.Equal("disk0 (virtio-blk, QEMU 4711): nothing wrong in the moment that the core holds, 1 queue idle\n", Text(diagnosis));
    }

    [Fact]
    public void What_is_wrong_with_a_machine_is_told_once_and_its_other_devices_refer_to_it()
    {
        Diagnosis of = OfMoment(VerdictKind.Idle, null) with
        {
            Verdicts = [new Verdict(VerdictKind.Paused, Certainty.Certain, Subject.Machine, new NotRunning("paused"), [], [])],
        };
        Diagnosis ofOther = of with { Device = s_disk with { Id = "disk1" } };
        Diagnosis ofOtherMachine = of with { Device = s_disk with { ProcessId = 4712 } };

        string[] lines = Rendered.Text(output => WhyText.Write(output, [of, ofOther, ofOtherMachine], []))
            .Split('\n').Where(static line => line.Contains("PAUSED", StringComparison.Ordinal)).ToArray();

        Assert.Equal(3, lines.Length);
        Assert.Equal("  the machine: PAUSED, as told above", lines[1]);
        Assert.Equal(lines[0], lines[2]);
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

    [Fact]
    public void A_ring_of_a_running_machine_that_cannot_be_seen_is_not_called_healthy()
    {
        Diagnosis packed = Live(new RingHidden(HiddenReason.ServedByVhost)), lost = Live(new RingHidden(HiddenReason.Unknown));

        Assert.Equal((false, false), (packed.IsHealthy, lost.IsHealthy));
        Assert.Equal(
            "disk0 (virtio-blk, QEMU 4711): nothing wrong in what can be seen, which is not all of it, 1 queue ring not visible\n"
                + "  queue 0 (requests): ring not visible. The ring cannot be judged: vhost serves it, and it is not a split ring that can "
                + "be seen in guest memory.\n", Text(packed));
        Assert.EndsWith("so what waits there is not known.\n", Text(lost), StringComparison.Ordinal);
        Assert.False(Json(packed).GetProperty("healthy").GetBoolean());
    }

    [Fact]
    public void Devices_that_could_not_be_looked_at_are_named_and_the_whole_is_not_healthy()
    {
        Diagnosis well = OfMoment(VerdictKind.Idle, null);
        var lost = new DeviceLeftOut(new UnreadDevice(4711, "disk1", "virtio-blk-device", "/machine/peripheral/disk1/virtio-backend"));

        Assert.EndsWith(
            "\ndisk1 (virtio-blk-device, QEMU 4711) is left out: its structures are not there, or are overwritten\n", Text(well, lost),
            StringComparison.Ordinal);
        JsonElement json = Json(well, lost);
        Assert.Equal((false, true), (
            json.GetProperty("healthy").GetBoolean(), json.GetProperty("devices")[0].GetProperty("healthy").GetBoolean()));
        Assert.Equal("disk1", json.GetProperty("leftOut")[0].GetProperty("name").GetString());
        Assert.True(Json(well).GetProperty("healthy").GetBoolean());
    }

    private static JsonElement Json(Diagnosis diagnosis, params IReadOnlyList<LeftOut> leftOut)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
            WhyJson.Write(writer, [diagnosis], leftOut);
        return JsonDocument.Parse(stream.ToArray()).RootElement;
    }
}
