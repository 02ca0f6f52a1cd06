using Virtap.Cli.Rendering;
using Virtap.Virtio.Features;
using Virtap.Virtio.Findings;
using Virtap.Virtio.Verdicts;

namespace Virtap.Cli.Words;

/// <summary>What verdicts rest on, in words.</summary>
internal static class EvidenceWords
{
    public static string? Of(Observation what) => what switch
    {
        DeviceFlag flag => $"VirtIODevice.{flag.Flag} is {(flag.IsSet ? "set" : "not set")}",
        StatusSeen { Lacking: DeviceStatus.None } seen => $"status is {seen.Status}",
        StatusSeen seen => $"status is {seen.Status}, without {seen.Lacking}",
        NotRunning { RunState: { } state } => $"QEMU's run state is {state}",
        NotRunning => "VirtIODevice.vm_running is not set",
        HeldRequests held => $"inuse {held.InUse} in queue {held.Queue}: QEMU holds what it has taken until the machine goes on",
        BackendSocket { Backend: var backend } => $"QEMU's chardev {backend.Chardev} is {backend.Name}",
        SocketListens { IsListening: true } socket => $"a process listens on {socket.Path}, and QEMU has not connected to it",
        SocketListens socket => $"no process listens on {socket.Path}",
        RequestsWaiting queue => $"queue {queue.Queue}: avail.idx {queue.Avail}, used.idx {queue.Used}: "
            + $"{ObservationWords.Count(queue.Count, "request")} {(queue.Count == 1 ? "waits" : "wait")} for it",
        Unchanged fields => string.Concat(fields.Values.Select(f => $"{f.Name} {f.Value.Number}, ")) + Of(fields.Looks),
        DescriptorAvailable next => $"the descriptor at last_avail_idx {next.Index} is available, {Of(next.Looks)}",
        SingleMoment => "one moment, which a core holds: by one, a thread between two stores can leave them so too",
        NoneCompleted none => $"inuse {none.InUseBefore} -> {none.InUseAfter}, used_idx {none.Used}, {none.Looks} looks",
        UnreadKicks kicks => $"the queue's eventfd (descriptor {kicks.Descriptor}) holds {Kicks(kicks.Count)} that QEMU has not read",
        UnreadInterrupts { Count: 0 } => "the interrupt's eventfd was read by whoever delivers it",
        UnreadInterrupts interrupts => $"the interrupt's eventfd (descriptor {interrupts.Descriptor}) was signalled and not read",
        KickWish wish => "the device wants " + Of(wish),
        ThreadSeen thread => Of(thread),
        _ => null,
    };

    private static string Of(Looks looks) =>
        Figures.Invariant($"unchanged for {looks.Duration.TotalSeconds:0.0} s in {looks.Count} looks");

    private static string Kicks(ulong count) => count switch { 0 => "no kick", 1 => "a kick", _ => $"{count} kicks" };

    private static string Of(KickWish wish) => wish switch
    {
        { IsPacked: true, Event: { } descriptor } => $"a kick at descriptor {descriptor}",
        { IsPacked: true } => $"{(wish.IsDue ? "kicks" : "no kicks")} (event flags {wish.Flags})",
        { Event: { } availEvent } => $"a kick when avail.idx passes {availEvent} (avail_event): it {(wish.IsDue ? "has" : "has not")}",
        _ => wish.IsDue ? "kicks (used.flags 0)" : "no kicks (used.flags 1)",
    };

    private static string Of(ThreadSeen thread)
    {
        var parts = new List<string>();
        foreach (ThreadDoing doing in thread.Doing)
        {
            string places = doing.WaitsIn.Count > 0 ? $" ({string.Join(", ", doing.WaitsIn)})" : "";
            string all = parts.Count == 0 ? $" of {ObservationWords.Count(thread.Looks, "look")}" : "";
            parts.Add($"{Of(doing.Activity, thread.Tracer)}{places} in {doing.Looks}{all}");
        }

        string name = thread.IoThread is { } id ? $"iothread {id}" : "QEMU's main loop", did = string.Join(", ", parts);
        return Figures.Invariant($"{name} (thread {thread.Id}): {did}; {thread.CpuTime.TotalSeconds:0.00} s of CPU time");
    }

    private static string Of(ThreadActivity activity, string? tracer) => activity switch
    {
        ThreadActivity.EventLoop => "in its event loop",
        ThreadActivity.Running => "running, or waiting for a CPU,",
        ThreadActivity.Lock => "waiting for a lock or another thread",
        ThreadActivity.Asleep => "asleep",
        ThreadActivity.Blocked => "blocked in the kernel",
        ThreadActivity.Stopped => "stopped by a signal",
        _ => "stopped by its tracer" + (tracer is null ? "" : $", {tracer},"),
    };
}
