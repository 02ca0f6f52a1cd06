using Virtap.Cli.Words;
using Virtap.Virtio.Devices;
using Virtap.Virtio.Features;
using Virtap.Virtio.Findings;
using Virtap.Virtio.Verdicts;

namespace Virtap.Cli.Tests.Words;

/// <summary>Verdicts as people read them.</summary>
public class VerdictWordsTests
{
    private static readonly TimeSpan s_time = TimeSpan.FromSeconds(1.96);

    public static TheoryData<string, VerdictKind, Observation?> Healthy => new()
    {
        { "Requests come and go.", VerdictKind.Working, null },
        {
            "Requests come and go without notifications, by design: in every look the driver asked for none (avail.flags 1).",
            VerdictKind.Polled, new NotificationsUnwanted(IsPacked: false)
        },
        {
            "Requests come and go without notifications, by design: in every look the driver asked for none (event flags 1).",
            VerdictKind.Polled, new NotificationsUnwanted(IsPacked: true)
        },
        { "Nothing to do.", VerdictKind.Idle, null },
        {
            "Nothing to do; buffers wait in the receive queue for something to happen, as they should.",
            VerdictKind.Idle, new BuffersInAdvance("receive", IsStill: true)
        },
        { "Buffers wait in the events queue for something to happen, as they should.", VerdictKind.Idle,
            new BuffersInAdvance("events", IsStill: false) },
        { "Nothing moves, as the device is not at work.", VerdictKind.Idle, new DeviceAtRest(IsJudged: true) },
        { "Not judged: the device is not at work.", VerdictKind.Idle, new DeviceAtRest(IsJudged: false) },
        {
            "QEMU worked on 10 requests, and 2 requests waited to be taken: one moment does not tell whether they moved.",
            VerdictKind.Outstanding, new InOneMoment(10, 2, IsPacked: false, IsVhost: false)
        },
        {
            "QEMU worked on 1 descriptor, and some waited to be taken: one moment does not tell whether they moved.",
            VerdictKind.Outstanding, new InOneMoment(1, 1, IsPacked: true, IsVhost: false)
        },
        {
            "1 request waited to be taken: one moment does not tell whether they moved.",
            VerdictKind.Outstanding, new InOneMoment(0, 1, IsPacked: false, IsVhost: false)
        },
        {
            "3 requests were offered and not given back: one moment does not tell whether they moved.",
            VerdictKind.Outstanding, new InOneMoment(0, 3, IsPacked: false, IsVhost: true)
        },
        {
            "QEMU worked on 1 request: one moment does not tell whether they moved. The ring is not in this core.",
            VerdictKind.Outstanding, new InOneMoment(1, null, IsPacked: false, IsVhost: false)
        },
        { "The guest has suspended itself.", VerdictKind.Suspended, new NotRunning("suspended") },
        { "The guest's driver has given the device up.", VerdictKind.NotDriven, new StatusSeen(DeviceStatus.Failed) },
        {
            "No driver in the guest drives the device (or not yet).",
            VerdictKind.NotDriven, new StatusSeen(DeviceStatus.None, Lacking: DeviceStatus.DriverOk)
        },
        {
            "vhost serves the queues: QEMU's indices are not live, and only the rings in guest memory are judged.",
            VerdictKind.NotLive, new DeviceFlag("vhost_started", true)
        },
        {
            "The ring cannot be judged: vhost serves it, and it is not a split ring that can be seen in guest memory.",
            VerdictKind.RingNotVisible, new RingHidden(HiddenReason.ServedByVhost)
        },
        {
            "QEMU worked on nothing; the ring is not in this core, so what waited there is not known.",
            VerdictKind.RingNotVisible, new RingHidden(HiddenReason.NotInCore)
        },
        {
            "Nothing moves in QEMU; the ring in guest memory cannot be seen, so what waits there is not known.",
            VerdictKind.RingNotVisible, new RingHidden(HiddenReason.Unknown)
        },
    };

    public static TheoryData<string, VerdictKind, Observation?> Faults => new()
    {
        { "QEMU has given the device up: its driver handed it something invalid.", VerdictKind.DeviceBroken,
            new DeviceFlag("broken", true) },
        { "The device has asked its driver for a reset, which has not come.", VerdictKind.NeedsReset,
            new StatusSeen(DeviceStatus.NeedsReset) },
        { "The thread that serves the device is stopped: whatever it is given, it does nothing.", VerdictKind.Stopped, null },
        {
            "The process that ought to serve the device is not there: QEMU waits for it to connect.",
            VerdictKind.BackendGone, new BackendSocket(new VhostUserBackend("char0", "disconnected:unix:/run/b,server=on", null))
        },
        {
            "The process that served the device is gone: QEMU has no connection to it.",
            VerdictKind.BackendGone, new BackendSocket(new VhostUserBackend("char0", "disconnected:unix:/run/b", null))
        },
        {
            "1 request waits in the ring; the driver had to kick, and QEMU knows of no kick.",
            VerdictKind.LostKick, new Backlog(1, 0, IsPacked: false)
        },
        {
            "Requests wait in the ring; the driver had to kick, and QEMU knows of no kick.",
            VerdictKind.LostKick, new Backlog(1, 0, IsPacked: true)
        },
        { "2 requests wait in the ring, and QEMU's thread does not take them.", VerdictKind.NotServed, new Backlog(2, 0, IsPacked: false) },
        {
            "1 request waits in the ring: the thread that serves the queue is stopped.",
            VerdictKind.NotServed, new Backlog(1, 0, IsPacked: false, IsThreadStopped: true)
        },
        {
            "Requests wait in the ring, 2 descriptors taken and not given back: the thread that serves the queue is stopped.",
            VerdictKind.NotServed, new Backlog(1, 2, IsPacked: true, IsThreadStopped: true)
        },
        {
            "3 requests taken and not given back: the thread that serves the queue is stopped.",
            VerdictKind.NotServed, new Backlog(null, 3, IsPacked: false, IsThreadStopped: true)
        },
        {
            "QEMU has taken 1 request, and none has come back for 2.0 s.",
            VerdictKind.BackendStuck, new Stall(1, IsFull: false, IsPacked: false, IsVhost: false, s_time)
        },
        {
            "QEMU has taken 128 descriptors, which fills the ring, and none has come back for 2.0 s.",
            VerdictKind.BackendStuck, new Stall(128, IsFull: true, IsPacked: true, IsVhost: false, s_time)
        },
        {
            "1 request is outstanding in the ring that vhost serves, and none has completed for 2.0 s.",
            VerdictKind.BackendStuck, new Stall(1, IsFull: false, IsPacked: false, IsVhost: true, s_time)
        },
        {
            "2 requests are outstanding in the ring that vhost serves, and none has completed for 2.0 s.",
            VerdictKind.BackendStuck, new Stall(2, IsFull: false, IsPacked: false, IsVhost: true, s_time)
        },
        {
            "The driver has not taken notice of a completion: an interrupt was lost, or the guest's CPU does not get to it.",
            VerdictKind.LostInterrupt, new Unnoticed(1)
        },
        {
            "The driver has not taken notice of 3 completions: an interrupt was lost, or the guest's CPU does not get to it.",
            VerdictKind.LostInterrupt, new Unnoticed(3)
        },
        { "QEMU has completed requests and has not considered notifying the guest of them.", VerdictKind.NotificationPending, null },
        { "The fields of the queue contradict each other.", VerdictKind.Corrupt, null },
        { "The machine is paused: nothing moves.", VerdictKind.Paused, new NotRunning(null) },
        { "The guest does not run: QEMU has paused it after an I/O error of a disk.", VerdictKind.Paused, new NotRunning("io-error") },
        { "The guest has not been started yet: QEMU waits to be told to (-S).", VerdictKind.Paused, new NotRunning("prelaunch") },
    };

    [Theory]
    [MemberData(nameof(Healthy))]
    [MemberData(nameof(Faults))]
    public void Each_verdict_is_one_sentence(string words, VerdictKind kind, Observation? reason) =>
        Assert.Equal(words, VerdictWords.Summary(new Verdict(kind, Certainty.Certain, Subject.Of(0), reason, [], [])));

    [Fact]
    public void Each_kind_of_advice_has_words_of_its_own()
    {
        string[] words = [.. Enum.GetValues<AdviceKind>().Select(k => AdviceWords.Of(k))];

        Assert.Equal(words.Length, words.Distinct().Count());
    }

    [Fact]
    public void Advice_names_what_it_is_about()
    {
        Assert.Equal("what gdb (12) does there: a debugger lets it go on with continue, detach or quit",
            AdviceWords.Of(new Advice(AdviceKind.AskDebugger, Field.Host("tracer", "gdb (12)"))));
        Assert.Equal(
            "who sent the signal; kill -CONT 4711 lets it go on",
            AdviceWords.Of(new Advice(AdviceKind.ContinueThread, Field.Host("thread", 4711))));
        Assert.Equal("/proc/interrupts in the guest: does the count of this queue's vector (3) grow?",
            AdviceWords.Of(new Advice(AdviceKind.InterruptCount, Field.Qemu("vector", 3))));
    }
}
