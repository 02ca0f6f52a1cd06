using Virtap.Processes.Stacks;
using Virtap.Processes.Stops;

namespace Virtap.Watch.Stacks;

/// <summary>What a thread was found at.</summary>
/// <param name="ThreadId">The thread.</param>
/// <param name="Name">Its name; "" where nobody says, as in a core.</param>
/// <param name="Frames">Its calls, the innermost first; none where it could not be looked at.</param>
/// <param name="End">Where the walk along them ended.</param>
/// <param name="Activity">What it is doing.</param>
/// <param name="StoppedFor">For how long it was stopped at most; null where it was not.</param>
/// <param name="Failure">Why it could not be looked at; null where it could.</param>
/// <param name="WasStopped">Whether a signal had stopped it before: what it was doing, it does not go on with.</param>
public sealed record ThreadLook(
    int ThreadId, string Name, IReadOnlyList<ResolvedAddress> Frames, StackEnd End, ThreadActivity Activity, TimeSpan? StoppedFor,
    ThreadStopException? Failure, bool WasStopped = false);

/// <summary>What a thread is doing.</summary>
/// <param name="Kind">What.</param>
/// <param name="Function">The function that says so: what it waits in, or runs; null where there is none with a name.</param>
/// <param name="LockHolder">The thread that holds the lock it waits for; null where it waits for none, or nobody holds it any
/// more.</param>
public sealed record ThreadActivity(ActivityKind Kind, string? Function = null, int? LockHolder = null);

/// <summary>Kinds of what threads do, of those of QEMU above all.</summary>
public enum ActivityKind
{
    /// <summary>Nothing is known of it.</summary>
    Unknown,

    /// <summary>It runs.</summary>
    Running,

    /// <summary>QEMU's main loop waits for events.</summary>
    MainLoopWaiting,

    /// <summary>An iothread, or what polls like one, waits for events of its I/O.</summary>
    IoWaiting,

    /// <summary>It hands requests to the kernel, or reads and writes a file itself.</summary>
    SubmittingIo,

    /// <summary>It waits until the requests of a block device have ended (a drain).</summary>
    Draining,

    /// <summary>A virtual CPU runs the guest: by KVM.</summary>
    GuestByKvm,

    /// <summary>A virtual CPU runs the guest: translated (TCG).</summary>
    GuestByTranslation,

    /// <summary>A virtual CPU has nothing to do: the guest has halted it, or the machine is paused.</summary>
    CpuIdle,

    /// <summary>It waits for QEMU's big lock.</summary>
    WaitingForBigLock,

    /// <summary>It waits for a lock.</summary>
    WaitingForLock,

    /// <summary>It waits until other threads have stopped using what is to be freed (RCU).</summary>
    WaitingForReaders,

    /// <summary>A worker of a pool waits for work.</summary>
    WorkerIdle,

    /// <summary>It waits to be told to go on (a condition variable, an event, a semaphore).</summary>
    WaitingForSignal,

    /// <summary>It waits for something to read, or for events of files.</summary>
    WaitingForFiles,

    /// <summary>It sleeps for a time.</summary>
    Sleeping,

    /// <summary>It migrates the machine.</summary>
    Migrating,
}
