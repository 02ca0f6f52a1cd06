using Virtap.Interop;

namespace Virtap.Tracing.Runtime;

/// <summary>
/// Runs this thread before all ordinary ones for as long as it lasts. A handler in this process may hold the session's lock while
/// handlers in the targets wait for it: were it descheduled for the sake of those very targets, they would give up waiting and be counted
/// as skipped. Without the privilege nothing changes.
/// </summary>
internal readonly unsafe ref struct UrgentSection
{
    private const int Ordinary = 0, FirstInFirstOut = 1;
    private const int ResetOnFork = 0x40000000;

    private readonly bool _isUrgent;

    private UrgentSection(bool isUrgent) => _isUrgent = isUrgent;

    /// <summary>Begins it; to be disposed of on the same thread.</summary>
    public static UrgentSection Enter()
    {
        int lowest = 1;
        return new UrgentSection(Libc.SetScheduler(0, FirstInFirstOut | ResetOnFork, &lowest) == 0);
    }

    /// <summary>Ends it.</summary>
    public void Dispose()
    {
        int none = 0;
        if (_isUrgent)
            _ = Libc.SetScheduler(0, Ordinary, &none);
    }
}
