using Virtap.Tracing.Backends;
using Virtap.Tracing.Session.Globals;
using Virtap.Virtio.Devices;
using Virtap.Watch.Counting;
using Virtap.Watch.Targets;

namespace Virtap.Watch.Coalescing;

/// <summary>Runs examples/coalescing.stp on a disk, and reads what it counts.</summary>
public sealed class CoalescingWatch : IDisposable
{
    /// <summary>The script.</summary>
    public const string Script = "coalescing.stp";

    // The QEMU that the script names; another one takes its place.
    private const string ScriptsQemu = "/usr/bin/qemu-system-x86_64";

    private readonly CountingScript _script;

    /// <summary>Begins to count; when this returns, each request is seen.</summary>
    /// <param name="target">The disk.</param>
    /// <param name="limit">After how long to end; null for when a signal says so.</param>
    /// <param name="warn">Takes what went otherwise than it was asked for.</param>
    /// <exception cref="NoPrivilegeException">This process may not.</exception>
    /// <exception cref="WatchException">It is no disk, or its QEMU has not the marks.</exception>
    public CoalescingWatch(DeviceTarget target, TimeSpan? limit, Action<SessionWarning> warn)
    {
        VirtioDevice device = target.Device;
        if (device.Kind != "virtio-blk")
        {
            throw new WatchException($"{device.Name} is a {device.Kind}; "
                + "requests per notification are counted for virtio-blk, by QEMU's mark virtio_blk_req_complete");
        }

        _script = CountingScript.Start(Script, new CountingOptions
        {
            Arguments = [device.Address],
            TargetProcess = device.ProcessId,
            Executables = new Dictionary<string, string> { [ScriptsQemu] = target.Qemu.Process.ExecutablePath },
            Warn = warn,
            TimeLimit = limit,
            StopsOnSignals = true,
        });
    }

    /// <summary>Counts until the time is over or a signal comes.</summary>
    /// <exception cref="WatchException">An error has ended it.</exception>
    public CoalescingReport Watch()
    {
        _script.Wait(Timeout.InfiniteTimeSpan);
        long skipped = _script.Stop().Skipped;
        GlobalsSnapshot globals = _script.Look();
        return new CoalescingReport(
            globals.Number("requests"),
            globals.Number("notifications"),
            globals.Elements("times").ToDictionary(times => times.Keys[0], times => times.Value),
            skipped);
    }

    public void Dispose() => _script.Dispose();
}

/// <summary>How many requests came to the notifications of a disk.</summary>
/// <param name="Requests">Requests completed.</param>
/// <param name="Notifications">Notifications (interrupts) sent to the guest.</param>
/// <param name="Times">How many notifications announced how many requests, by the number of requests.</param>
/// <param name="Skipped">Hits of probes that were not counted.</param>
public sealed record CoalescingReport(long Requests, long Notifications, IReadOnlyDictionary<long, long> Times, long Skipped)
{
    /// <summary>How many notifications announced a number of requests in a range.</summary>
    public long TimesWithin(long min, long max) => Times.Where(t => t.Key >= min && t.Key <= max).Sum(t => t.Value);
}
