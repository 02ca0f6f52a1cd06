using System.Diagnostics;
using Virtap.Virtio.Queues;

namespace Virtap.Virtio.Verdicts;

/// <summary>Judges one queue of a device by several states.</summary>
internal sealed class QueueJudge
{
    // A queue's MSI-X vector where there is none: a driver that polls, or a device with one interrupt line.
    private const ushort NoVector = 0xffff;

    // QEMU commit c914d46d0a64, "tcg: Do not elide memory barriers for !CF_PARALLEL in system mode" (8.1).
    private const string BarriersLeftOut =
        "if QEMU emulates (accel=tcg), is older than 8.1 and has -smp 1: it leaves out the guest's memory barriers, which loses kicks and interrupts; -smp 1,maxcpus=2 is the way round";

    private static readonly TimeSpan s_long = TimeSpan.FromSeconds(1);

    private readonly QueueState[] _states;
    private readonly DeviceState _device;
    private readonly HostView _host;
    private readonly QueueRole _role;
    private readonly TimeSpan _duration;

    public QueueJudge(IReadOnlyList<DeviceState> samples, int queue, HostView host)
    {
        _states = [.. samples.Select(s => s.Queues[queue])];
        _device = samples[^1];
        _host = host;
        _role = QueueRole.Of(_device.DeviceId, queue, _device.Queues.Count);
        _duration = Stopwatch.GetElapsedTime(samples[0].Timestamp, samples[^1].Timestamp);
    }

    private QueueState Last => _states[^1];

    private bool IsPacked => _device.IsPacked;

    private bool IsStill => Array.TrueForAll(_states, s => s == _states[0]);

    // With event_idx a split ring's flag means nothing (virtio 1.2, 2.7.10).
    private bool DriverPolls => (IsPacked || !_device.HasEventIndex) && Array.TrueForAll(_states, static s => s.Guest is { Driver.Flags: 1 });

    private string For => $"unchanged for {_duration.TotalSeconds:0.0} s in {_states.Length} looks";

    private Certainty ByDuration => _duration >= s_long ? Certainty.Likely : Certainty.Candidate;

    /// <summary>The verdict: the gravest one that applies.</summary>
    /// <param name="isServed">Whether the device is one whose queues ought to be worked on: driven, running, not broken.</param>
    public Verdict Judge(bool isServed)
    {
        if (_device.VhostStarted == true)
            return isServed ? JudgeByRing() : Plain(VerdictKind.Idle, "Not judged: the device is not at work.");
        return Corrupt() ?? (isServed ? Stuck() : null) ?? Sound(isServed);
    }

    private Verdict? Corrupt()
    {
        if (!IsStill)
            return null;
        IReadOnlyList<Finding> broken = QueueInvariants.Check(Last, IsPacked);
        return broken.Count == 0 ? null : new Verdict(VerdictKind.Corrupt, ByDuration, Last.Index, "The fields of the queue contradict each other.",
            [.. broken.Select(b => b.Text), For],
            ["QEMU's log for \"size exceeded\" or \"moved used index\"", "what else writes to the guest's memory there", "a core of QEMU (gcore) before anything is reset"]);
    }

    private Verdict? Stuck() => ThreadStopped() ?? BackendStuck() ?? NotTaken() ?? NotificationPending() ?? LostInterrupt();

    // Nothing else need be looked for.
    private Verdict? ThreadStopped()
    {
        if (!_role.IsAnsweredPromptly || _host.Thread is not { IsStopped: true } thread || (Waiting(Last) ?? 0) == 0 && Last.InUse is null or 0)
            return null;
        string waiting = Waiting(Last) is { } count and > 0 ? IsPacked ? "requests wait in the ring" : count == 1 ? "1 request waits in the ring" : $"{count} requests wait in the ring" : "";
        string taken = Last.InUse > 0 ? $"{Count((int)Last.InUse)} taken and not given back" : "";
        string both = string.Join(", ", new[] { waiting, taken }.Where(t => t.Length > 0));
        var evidence = new List<string>
        {
            $"{(Last.Guest?.AvailIndex is { } avail ? $"avail.idx {avail}, " : "")}last_avail_idx {Last.LastAvailIndex}, used_idx {Last.UsedIndex}, inuse {Last.InUse}, {For}",
        };
        AddKicks(evidence);
        evidence.Add(thread.Describe()!);
        return new Verdict(VerdictKind.NotServed, Certainty.Certain, Last.Index, $"{char.ToUpperInvariant(both[0])}{both[1..]}: the thread that serves the queue is stopped.", evidence,
            ["the verdict on the device: who stopped the thread"]);
    }

    // Taken and not given back, and not one came back all the while.
    private Verdict? BackendStuck()
    {
        if (!_role.IsAnsweredPromptly || !Array.TrueForAll(_states, s => s.InUse > 0 && s.UsedIndex == Last.UsedIndex && s.UsedWrap == Last.UsedWrap))
            return null;
        string full = Last.InUse >= Last.Number ? ", which fills the ring" : "";
        return new Verdict(VerdictKind.BackendStuck, ByDuration, Last.Index, $"QEMU has taken {Count((int)(Last.InUse ?? 0))}{full}, and none has come back for {_duration.TotalSeconds:0.0} s.",
            [$"inuse {_states[0].InUse} -> {Last.InUse}, used_idx {Last.UsedIndex}, {_states.Length} looks", .. ThreadEvidence],
            ["what is behind the device: the host's disk or network (iostat -x, dmesg), its throttling, a slow network store", "QMP query-blockstats and query-jobs",
            "what the serving thread waits for: /proc/PID/task/TID/stack and wchan"]);
    }

    // In the ring, and not taken.
    private Verdict? NotTaken()
    {
        if (!_role.IsAnsweredPromptly || !IsStill || Last.InUse >= Last.Number || Waiting(Last) is not { } waiting || waiting is 0)
            return null;
        string requests = IsPacked ? "Requests wait" : waiting == 1 ? "1 request waits" : $"{waiting} requests wait";
        var evidence = new List<string>
        {
            IsPacked ? $"the descriptor at last_avail_idx {Last.LastAvailIndex} is available, {For}" : $"avail.idx {Last.Guest!.AvailIndex}, last_avail_idx {Last.LastAvailIndex}, {For}",
        };
        bool obliged = IsDriverObliged(Last, out string why);
        evidence.Add(why);
        ulong? kicks = AddKicks(evidence);
        evidence.AddRange(ThreadEvidence);
        string[] threadNext = ["the thread that serves the queue (its iothread, or the main loop): /proc/PID/task/TID/stack, or gdb -p PID -batch -ex 'thread apply all bt'"];
        return kicks > 0 || !obliged
            ? new Verdict(VerdictKind.NotServed, ByDuration, Last.Index, $"{requests} in the ring, and QEMU's thread does not take them.", evidence, threadNext)
            : new Verdict(VerdictKind.LostKick, kicks == 0 ? ByDuration : Certainty.Candidate, Last.Index, $"{requests} in the ring; the driver had to kick, and QEMU knows of no kick.", evidence,
                [
                    // The driver kicks when it passes the event index, which it has: nothing it adds now makes it kick again.
                    _device.HasEventIndex
                        ? "more requests do not help: with event_idx the driver does not kick again. QMP stop and cont make QEMU look into every ring; if the queue moves then, a kick was lost"
                        : "any new request to the same queue kicks again; if the queue moves then, a kick was lost",
                    "whether the guest runs at all (its CPUs' threads on the host)", BarriersLeftOut, .. threadNext,
                ]);
    }

    private IEnumerable<string> ThreadEvidence => _host.Thread?.Describe() is { } thread ? [thread] : [];

    // How many kicks wait in the queue's eventfd; null where that cannot be asked.
    private ulong? AddKicks(List<string> evidence)
    {
        ulong? kicks = Last.KickDescriptor is { } descriptor ? _host.EventCount(descriptor) : null;
        if (kicks is { } count)
            evidence.Add($"the queue's eventfd (descriptor {Last.KickDescriptor}) holds {(count == 0 ? "no kick" : count == 1 ? "a kick" : $"{count} kicks")} that QEMU has not read");
        return kicks;
    }

    // Whether the driver had to kick when it made available what waits now.
    private bool IsDriverObliged(QueueState state, out string why)
    {
        RingEvent device = state.Guest!.Device;
        if (IsPacked)
        {
            why = device.Flags switch { 0 => "the device wants kicks (event flags 0)", 1 => "the device wants no kicks (event flags 1)", _ => $"the device wants a kick at descriptor {device.Event & 0x7fff}" };
            return device.Flags != 1;
        }

        if (device.Event is not { } availEvent)
        {
            why = (device.Flags & 1) == 0 ? "the device wants kicks (used.flags 0)" : "the device wants no kicks (used.flags 1)";
            return (device.Flags & 1) == 0;
        }

        bool passed = RingIndex.Passes(availEvent, state.LastAvailIndex, state.Guest.AvailIndex!.Value);
        why = $"the device wants a kick when avail.idx passes {availEvent} (avail_event): it {(passed ? "has" : "has not")}";
        return passed;
    }

    private Verdict? NotificationPending()
    {
        if (!IsStill || !_device.HasEventIndex || Last is not { SignalledUsedValid: true, SignalledUsed: { } signalled } || signalled == Last.UsedIndex)
            return null;
        return new Verdict(VerdictKind.NotificationPending, ByDuration, Last.Index, "QEMU has completed requests and has not considered notifying the guest of them.",
            [$"used_idx {Last.UsedIndex}, signalled_used {signalled}, {For}"], ["the thread that serves the queue: a bottom half of it that does not run"]);
    }

    // By used_event the driver says how far it has come. Only drivers of disks are known to write it whenever they have nothing more to do.
    private Verdict? LostInterrupt()
    {
        if (!IsStill || IsPacked || _device.DeviceId is not (2 or 8) || !_role.IsAnsweredPromptly || _role.Name != "requests" || Last.Vector is null or NoVector
            || Last.Guest is not { UsedIndex: { } used, Driver.Event: { } usedEvent } || RingIndex.Distance(usedEvent, used) is var behind && (behind == 0 || behind > Last.Number))
            return null;
        var evidence = new List<string> { $"used.idx {used}, used_event {usedEvent}, avail.idx {Last.Guest.AvailIndex}, {For}" };
        if (Last.InterruptDescriptor is { } descriptor && _host.EventCount(descriptor) is { } count)
            evidence.Add(count == 0 ? "the interrupt's eventfd was read by whoever delivers it" : $"the interrupt's eventfd (descriptor {descriptor}) was signalled and not read");
        return new Verdict(VerdictKind.LostInterrupt, Certainty.Candidate, Last.Index,
            $"The driver has not taken notice of {(behind == 1 ? "a completion" : $"{behind} completions")}: an interrupt was lost, or the guest's CPU does not get to it.", evidence,
            [$"/proc/interrupts in the guest: does the count of this queue's vector ({Last.Vector}) grow?", "whether the guest's CPU that serves it runs, and whether interrupts are off there",
            BarriersLeftOut]);
    }

    // With vhost only guest memory is live.
    private Verdict JudgeByRing()
    {
        if (Last.Guest is not { AvailIndex: { } avail, UsedIndex: { } used })
            return Plain(VerdictKind.RingNotVisible, "The ring cannot be judged: vhost serves it, and it is not a split ring that can be seen in guest memory.");
        int outstanding = RingIndex.Distance(used, avail);
        bool still = Array.TrueForAll(_states, s => s.Guest is { } guest && guest.UsedIndex == used);
        if (!still)
            return Plain(VerdictKind.Working, "Requests come and go.");
        return outstanding == 0 || !_role.IsAnsweredPromptly ? Plain(VerdictKind.Idle, Describe(outstanding))
            : new Verdict(VerdictKind.BackendStuck, Certainty.Candidate, Last.Index, $"{Count(outstanding)} {(outstanding == 1 ? "is" : "are")} outstanding in the ring that vhost serves, and none has completed for {_duration.TotalSeconds:0.0} s.",
                [$"avail.idx {avail}, used.idx {used}, {For}"], ["the vhost worker (thread vhost-PID, or the vhost-user process)", "what is behind it: the tap device, the store"]);
    }

    private Verdict Sound(bool isServed)
    {
        if (!IsStill)
            return DriverPolls ? Plain(VerdictKind.Polled, $"Requests come and go without notifications, by design: in every look the driver asked for none ({(IsPacked ? "event flags" : "avail.flags")} 1).")
                : Plain(VerdictKind.Working, "Requests come and go.");
        if (!isServed)
            return Plain(VerdictKind.Idle, "Nothing moves, as the device is not at work.");
        return Last.Guest is null ? Plain(VerdictKind.RingNotVisible, "Nothing moves in QEMU; the ring in guest memory cannot be seen, so what waits there is not known.")
            : Plain(VerdictKind.Idle, Describe(Waiting(Last) ?? 0));
    }

    private string Describe(int waiting) => waiting == 0 || _role.IsAnsweredPromptly ? "Nothing to do." : $"Nothing to do; buffers wait in the {_role.Name} queue for something to happen, as they should.";

    private Verdict Plain(VerdictKind kind, string summary) => new(kind, Certainty.Certain, Last.Index, summary, [], []);

    private string Count(int number) => $"{number} {(IsPacked ? "descriptor" : "request")}{(number == 1 ? "" : "s")}";

    /// <summary>Requests that the driver has made available and QEMU has not taken; for a packed ring 1 for some. Null where the ring cannot be seen.</summary>
    private static int? Waiting(QueueState state) => state.Guest switch
    {
        { AvailIndex: { } avail } => RingIndex.Distance(state.LastAvailIndex, avail),
        { NextIsAvailable: { } available } => available ? 1 : 0,
        _ => null,
    };
}
