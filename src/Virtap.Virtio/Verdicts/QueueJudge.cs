using System.Diagnostics;
using Virtap.Virtio.Findings;
using Virtap.Virtio.Queues;

namespace Virtap.Virtio.Verdicts;

/// <summary>Judges one queue of a device by several states.</summary>
internal sealed class QueueJudge
{
    // A queue's MSI-X vector where there is none: a driver that polls, or a device with one interrupt line.
    private const ushort NoVector = 0xffff;

    private static readonly TimeSpan s_long = TimeSpan.FromSeconds(1);

    private readonly QueueState[] _states;
    private readonly DeviceState _device;
    private readonly HostView _host;
    private readonly ThreadWatch? _thread;
    private readonly QueueRole _role;
    private readonly TimeSpan _duration;

    public QueueJudge(IReadOnlyList<DeviceState> samples, int queue, HostView host)
    {
        _states = [.. samples.Select(s => s.Queues[queue])];
        _device = samples[^1];
        _host = host;
        _thread = host.ThreadOf(queue);
        _role = QueueRole.Of(_device.DeviceId, queue, _device.Queues.Count);
        _duration = Stopwatch.GetElapsedTime(samples[0].Timestamp, samples[^1].Timestamp);
    }

    private QueueState Last => _states[^1];

    private bool IsPacked => _device.IsPacked;

    private bool IsStill => Array.TrueForAll(_states, s => s == _states[0]);

    // With event_idx a split ring's flag means nothing (virtio 1.2, 2.7.10).
    private bool DriverPolls =>
        (IsPacked || !_device.HasEventIndex) && Array.TrueForAll(_states, static s => s.Guest is { Driver.Flags: 1 });

    private Looks Looks => new(_duration, _states.Length);

    private Subject Subject => Subject.Of(Last.Index);

    private Certainty ByDuration => _duration >= s_long ? Certainty.Likely : Certainty.Candidate;

    /// <summary>The verdict: the gravest one that applies.</summary>
    /// <param name="isServed">Whether the device is one whose queues ought to be worked on: driven, running, not broken.</param>
    public Verdict Judge(bool isServed)
    {
        if (_device.IsVhost)
            return isServed ? JudgeByRing() : Plain(VerdictKind.Idle, new DeviceAtRest(IsJudged: false));
        return Corrupt() ?? (isServed ? Stuck() : null) ?? Sound(isServed);
    }

    private Verdict? Corrupt()
    {
        if (!IsStill || QueueInvariants.Check(Last, IsPacked) is not { Count: > 0 } broken)
            return null;
        return new Verdict(VerdictKind.Corrupt, ByDuration, Subject, null, [.. broken, new Unchanged([], Looks)],
            [AdviceKind.QemuLogForIndices, AdviceKind.OtherWriters, AdviceKind.CoreBeforeAnything]);
    }

    // A thread that is stopped explains whatever stands still, and a signal that stops it stops the guest's CPUs too: nothing else need
    // be looked for.
    private Verdict? Stuck() => _thread is { IsStopped: true } thread ? ThreadStopped(thread)
        : BackendStuck() ?? NotTaken() ?? NotificationPending() ?? LostInterrupt();

    private Verdict? ThreadStopped(ThreadWatch thread)
    {
        if (!_role.IsAnsweredPromptly)
            return null;
        uint taken = Last.InUse ?? 0;
        if (Waiting(Last) is null or 0 && taken == 0)
            return null;
        List<Field> indices = [LastAvail, Used, InUse];
        if (Last.Guest?.AvailIndex is { } avail)
            indices.Insert(0, Avail(avail));
        var evidence = new List<Observation> { new Unchanged(indices, Looks) };
        AddKicks(evidence);
        evidence.Add(thread.Seen!);
        var reason = new Backlog(Waiting(Last), taken, IsPacked, IsThreadStopped: true);
        return new Verdict(VerdictKind.NotServed, Certainty.Certain, Subject, reason, evidence, [AdviceKind.VerdictOnDevice]);
    }

    // Taken and not given back, and not one came back all the while.
    private Verdict? BackendStuck()
    {
        if (!_role.IsAnsweredPromptly || Last.InUse is not { } taken
            || !Array.TrueForAll(_states, s => s.InUse > 0 && s.UsedIndex == Last.UsedIndex && s.UsedWrap == Last.UsedWrap))
            return null;
        var reason = new Stall(taken, taken >= Last.Number, IsPacked, IsVhost: false, _duration);
        return new Verdict(VerdictKind.BackendStuck, ByDuration, Subject, reason,
            [new NoneCompleted(_states[0].InUse!.Value, taken, Last.UsedIndex, _states.Length), .. ThreadEvidence],
            [AdviceKind.StoreBehindDevice, AdviceKind.BlockStatisticsAndJobs, OnThread(AdviceKind.WhereThreadWaits)]);
    }

    // In the ring, and not taken.
    private Verdict? NotTaken()
    {
        if (!_role.IsAnsweredPromptly || !IsStill || Last.InUse >= Last.Number || Waiting(Last) is not { } waiting || waiting is 0)
            return null;
        KickWish wish = KickWishOf(Last, Last.Guest!);
        Observation waits = IsPacked ? new DescriptorAvailable(Last.LastAvailIndex, Looks)
            : new Unchanged([Avail(Last.Guest!.AvailIndex!.Value), LastAvail], Looks);
        List<Observation> evidence = [waits, wish];
        ulong? kicks = AddKicks(evidence);
        evidence.AddRange(ThreadEvidence);
        var reason = new Backlog(waiting, 0, IsPacked);
        if (kicks > 0 || !wish.IsDue)
            return new Verdict(VerdictKind.NotServed, ByDuration, Subject, reason, evidence, [OnThread(AdviceKind.ServingThread)]);
        // The driver kicks when it passes the event index, which it has: nothing it adds now makes it kick again.
        AdviceKind first = _device.HasEventIndex ? AdviceKind.PauseAndContinue : AdviceKind.AnotherRequest;
        return new Verdict(VerdictKind.LostKick, kicks == 0 ? ByDuration : Certainty.Candidate, Subject, reason, evidence,
            [first, AdviceKind.GuestCpusRun, AdviceKind.BarriersLeftOut, OnThread(AdviceKind.ServingThread)]);
    }

    private Advice OnThread(AdviceKind kind) =>
        new(kind, _thread is { } thread ? Field.Host("thread", thread.Thread.Thread.Id) : null);

    private IEnumerable<Observation> ThreadEvidence => _thread?.Seen is { } thread ? [thread] : [];

    // How many kicks wait in the queue's eventfd; null where that cannot be asked.
    private ulong? AddKicks(List<Observation> evidence)
    {
        if (Last.KickDescriptor is not { } descriptor || _host.EventCount(descriptor) is not { } count)
            return null;
        evidence.Add(new UnreadKicks(descriptor, count));
        return count;
    }

    // Whether the driver had to kick when it made available what waits now.
    private KickWish KickWishOf(QueueState state, GuestRing ring)
    {
        const ushort PackedNever = 1, PackedAtDescriptor = 2, SplitNever = 1;
        (ushort flags, ushort? at) = ring.Device;
        if (IsPacked)
        {
            const int WithoutWrapCounter = 0x7fff;
            int? descriptor = flags >= PackedAtDescriptor ? at & WithoutWrapCounter : null;
            return new KickWish(IsPacked: true, flags, descriptor, IsDue: flags != PackedNever);
        }

        return at is { } availEvent
            ? new KickWish(IsPacked: false, flags, availEvent, RingIndex.Passes(availEvent, state.LastAvailIndex, ring.AvailIndex!.Value))
            : new KickWish(IsPacked: false, flags, null, IsDue: (flags & SplitNever) == 0);
    }

    private Verdict? NotificationPending()
    {
        if (!IsStill || !_device.HasEventIndex || Last is not { SignalledUsedValid: true, SignalledUsed: { } signalled }
            || signalled == Last.UsedIndex)
            return null;
        return new Verdict(VerdictKind.NotificationPending, ByDuration, Subject, null,
            [new Unchanged([Used, Field.Qemu("signalled_used", signalled)], Looks)], [AdviceKind.BottomHalf]);
    }

    // By used_event the driver says how far it has come. Only drivers of disks are known to write it whenever they have nothing more to
    // do.
    private Verdict? LostInterrupt()
    {
        if (!IsStill || IsPacked || _device.DeviceId is not (2 or 8) || !_role.IsAnsweredPromptly || _role.Name != "requests"
            || Last.Vector is not { } vector || vector == NoVector
            || Last.Guest is not { UsedIndex: { } used, Driver.Event: { } usedEvent, AvailIndex: { } avail })
            return null;
        int behind = RingIndex.Distance(usedEvent, used);
        if (behind == 0 || behind > Last.Number)
            return null;
        List<Observation> evidence = [new Unchanged([GuestUsed(used), Field.Guest("used_event", usedEvent), Avail(avail)], Looks)];
        if (Last.InterruptDescriptor is { } descriptor && _host.EventCount(descriptor) is { } count)
            evidence.Add(new UnreadInterrupts(descriptor, count));
        return new Verdict(VerdictKind.LostInterrupt, Certainty.Candidate, Subject, new Unnoticed(behind), evidence,
            [new Advice(AdviceKind.InterruptCount, Field.Qemu("vector", vector)), AdviceKind.CpuOfInterrupt, AdviceKind.BarriersLeftOut]);
    }

    // With vhost only guest memory is live.
    private Verdict JudgeByRing()
    {
        if (Last.Guest is not { AvailIndex: { } avail, UsedIndex: { } used })
            return Plain(VerdictKind.RingNotVisible, new RingHidden(HiddenReason.ServedByVhost));
        if (!Array.TrueForAll(_states, s => s.Guest is { } guest && guest.UsedIndex == used))
            return Plain(VerdictKind.Working);
        int outstanding = RingIndex.Distance(used, avail);
        if (outstanding == 0 || !_role.IsAnsweredPromptly)
            return Idle(outstanding);
        var reason = new Stall((uint)outstanding, IsFull: false, IsPacked, IsVhost: true, _duration);
        return new Verdict(VerdictKind.BackendStuck, Certainty.Candidate, Subject, reason,
            [new Unchanged([Avail(avail), GuestUsed(used)], Looks)], [AdviceKind.VhostWorker, AdviceKind.StoreBehindVhost]);
    }

    private Verdict Sound(bool isServed)
    {
        if (!IsStill)
            return DriverPolls ? Plain(VerdictKind.Polled, new NotificationsUnwanted(IsPacked)) : Plain(VerdictKind.Working);
        if (!isServed)
            return Plain(VerdictKind.Idle, new DeviceAtRest(IsJudged: true));
        return Last.Guest is null ? Plain(VerdictKind.RingNotVisible, new RingHidden(HiddenReason.Unknown)) : Idle(Waiting(Last) ?? 0);
    }

    private Verdict Idle(int waiting) =>
        Plain(VerdictKind.Idle, waiting == 0 || _role.IsAnsweredPromptly ? null : new BuffersInAdvance(_role.Name, IsStill: true));

    private Verdict Plain(VerdictKind kind, Observation? reason = null) => Verdict.Plain(kind, Subject, reason);

    private Field LastAvail => Field.Qemu("last_avail_idx", Last.LastAvailIndex);

    private Field Used => Field.Qemu("used_idx", Last.UsedIndex);

    private Field InUse => Field.Qemu("inuse", Last.InUse);

    private static Field Avail(ushort index) => Field.Guest("avail.idx", index);

    private static Field GuestUsed(ushort index) => Field.Guest("used.idx", index);

    /// <summary>
    /// Requests that the driver has made available and QEMU has not taken; for a packed ring 1 for some. Null where the ring cannot be
    /// seen.
    /// </summary>
    private static int? Waiting(QueueState state) => state.Guest switch
    {
        { AvailIndex: { } avail } => RingIndex.Distance(state.LastAvailIndex, avail),
        { NextIsAvailable: { } available } => available ? 1 : 0,
        _ => null,
    };
}
