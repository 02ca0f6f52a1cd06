using System.Globalization;
using Virtap.Processes;
using Virtap.Virtio.Devices;

namespace Virtap.Virtio.Verdicts;

/// <summary>The thread that serves a device, watched along with the device.</summary>
/// <param name="Thread">The thread.</param>
/// <param name="Looks">What it did at each look.</param>
/// <param name="Tracer">Who traces it, as in <c>gdb (4711)</c>; null for nobody.</param>
public sealed record ThreadWatch(ServingThread Thread, IReadOnlyList<ThreadStatus> Looks, string? Tracer = null)
{
    /// <summary>Whether it was stopped all the while.</summary>
    public bool IsStopped => Looks.Count > 0 && Looks.All(l => l.IsStopped);

    /// <summary>What it did, as in <c>iothread io0 (thread 4711): in its event loop (ep_poll) in 38 of 41 looks, running in 3; 0.02 s of CPU time</c>; null where nothing is known.</summary>
    public string? Describe()
    {
        if (Looks.Count == 0)
            return null;
        var parts = new List<string>();
        foreach (var activity in Looks.GroupBy(Of).OrderBy(g => g.Key))
        {
            string places = string.Join(", ", activity.Select(l => l.WaitsIn).OfType<string>().Distinct());
            parts.Add($"{Words(activity.Key)}{(places.Length > 0 ? $" ({places})" : "")} in {activity.Count()}{(parts.Count == 0 ? $" of {(Looks.Count == 1 ? "1 look" : $"{Looks.Count} looks")}" : "")}");
        }

        string cpu = (Looks[^1].CpuTime - Looks[0].CpuTime).TotalSeconds.ToString("0.00", CultureInfo.InvariantCulture);
        return $"{Thread}: {string.Join(", ", parts)}; {cpu} s of CPU time";
    }

    private static Activity Of(ThreadStatus status) => status switch
    {
        { State: 'T' } => Activity.Stopped,
        { State: 't' } => Activity.Traced,
        { State: 'R' } => Activity.Running,
        { State: 'D' } => Activity.Blocked,
        // epoll, ppoll; io_uring.
        { WaitsIn: { } place } when place.Contains("poll", StringComparison.Ordinal) || place.Contains("io_cqring_wait", StringComparison.Ordinal) => Activity.EventLoop,
        { WaitsIn: { } place } when place.Contains("futex", StringComparison.Ordinal) => Activity.Lock,
        _ => Activity.Asleep,
    };

    private string Words(Activity activity) => activity switch
    {
        Activity.EventLoop => "in its event loop",
        Activity.Running => "running, or waiting for a CPU,",
        Activity.Lock => "waiting for a lock or another thread",
        Activity.Asleep => "asleep",
        Activity.Blocked => "blocked in the kernel",
        Activity.Stopped => "stopped by a signal",
        _ => "stopped by its tracer" + (Tracer is null ? "" : $", {Tracer},"),
    };

    // In the order in which they are told.
    private enum Activity
    {
        EventLoop,
        Running,
        Lock,
        Asleep,
        Blocked,
        Stopped,
        Traced,
    }
}
