using Virtap.Processes;
using Virtap.Virtio.Devices;
using Virtap.Virtio.Findings;
using static Virtap.Virtio.Findings.Field;

namespace Virtap.Virtio.Verdicts;

/// <summary>The thread that serves a device, watched along with the device.</summary>
/// <param name="Thread">The thread.</param>
/// <param name="Looks">What it did at each look.</param>
/// <param name="Tracer">Who traces it, as in <c>gdb (4711)</c>; null for nobody.</param>
public sealed record ThreadWatch(ServingThread Thread, IReadOnlyList<ThreadStatus> Looks, string? Tracer = null)
{
    /// <summary>Whether it was stopped all the while.</summary>
    public bool IsStopped => Looks.Count > 0 && Looks.All(l => l.IsStopped);

    /// <summary>What it did; null where nothing is known.</summary>
    public ThreadSeen? Seen => Looks.Count == 0 ? null : new ThreadSeen(
        Thread.IoThread,
        Thread.Thread.Id,
        [.. Looks.GroupBy(ActivityOf).OrderBy(g => g.Key).Select(Doing)],
        Looks.Count,
        Looks[^1].CpuTime - Looks[0].CpuTime,
        Tracer);

    private static ThreadDoing Doing(IGrouping<ThreadActivity, ThreadStatus> looks) =>
        new(looks.Key, looks.Count(), [.. looks.Select(l => l.WaitsIn).OfType<string>().Distinct()]);

    private static ThreadActivity ActivityOf(ThreadStatus status) => status switch
    {
        { State: 'T' } => ThreadActivity.Stopped,
        { State: 't' } => ThreadActivity.Traced,
        { State: 'R' } => ThreadActivity.Running,
        { State: 'D' } => ThreadActivity.Blocked,
        // epoll, ppoll; io_uring.
        { WaitsIn: { } place } when Has(place, "poll") || Has(place, "io_cqring_wait") => ThreadActivity.EventLoop,
        { WaitsIn: { } place } when Has(place, "futex") => ThreadActivity.Lock,
        _ => ThreadActivity.Asleep,
    };

    private static bool Has(string place, string part) => place.Contains(part, StringComparison.Ordinal);
}

/// <summary>What the thread that serves a device did while it was watched.</summary>
/// <param name="IoThread">The iothread's id; null for QEMU's main loop.</param>
/// <param name="Id">Its thread id.</param>
/// <param name="Doing">What it did, in the order of <see cref="ThreadActivity"/>; together as often as it was looked at.</param>
/// <param name="Looks">How often that was.</param>
/// <param name="CpuTime">How long it ran meanwhile; steps of 10 ms.</param>
/// <param name="Tracer">Who traces it; null for nobody.</param>
public sealed record ThreadSeen(string? IoThread, int Id, IReadOnlyList<ThreadDoing> Doing, int Looks, TimeSpan CpuTime, string? Tracer)
    : Observation("thread",
    [
        Qemu("iothread", IoThread), Host("thread", Id), Own("looks", Looks), Host("cpuTime", CpuTime), Host("tracer", Tracer),
        .. Doing.SelectMany(d => d.Fields),
    ]);

/// <summary>One of the things a thread did.</summary>
/// <param name="Activity">What.</param>
/// <param name="Looks">At how many looks.</param>
/// <param name="WaitsIn">The functions of the kernel in which it slept then.</param>
public sealed record ThreadDoing(ThreadActivity Activity, int Looks, IReadOnlyList<string> WaitsIn)
{
    internal IEnumerable<Field> Fields => [Host(Activity.ToString(), Looks), .. WaitsIn.Select(place => Host(Activity + " in", place))];
}

/// <summary>What a thread does, in the order in which it is told.</summary>
public enum ThreadActivity
{
    EventLoop,

    /// <summary>Running, or waiting for a CPU.</summary>
    Running,

    /// <summary>Waiting for a lock or another thread.</summary>
    Lock,
    Asleep,

    /// <summary>Blocked in the kernel, where no signal wakes it.</summary>
    Blocked,

    /// <summary>Stopped by a signal.</summary>
    Stopped,

    /// <summary>Stopped by its tracer.</summary>
    Traced,
}
