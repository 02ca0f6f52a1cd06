using Virtap.Virtio.Findings;

namespace Virtap.Virtio.Verdicts;

/// <summary>What to look at, or to do, next.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="About">What it is about, where that is not the same each time: a process, a thread, a vector.</param>
public readonly record struct Advice(AdviceKind Kind, Field? About = null)
{
    public static implicit operator Advice(AdviceKind kind) => new(kind);
}

/// <summary>Kinds of advice.</summary>
public enum AdviceKind
{
    // Of devices.

    /// <summary>QEMU's log, for what virtio_error says.</summary>
    QemuLogForVirtioError,

    /// <summary>A reset of the device, or of the guest.</summary>
    ResetDevice,
    GuestKernelLog,

    /// <summary>Whether the guest has booted, and has the driver.</summary>
    GuestHasDriver,

    /// <summary>What the debugger that holds a thread does there; about it.</summary>
    AskDebugger,

    /// <summary>A thread was stopped by a signal; about it.</summary>
    ContinueThread,

    // Of machines that do not run.
    BlockDeviceStatus,
    StoreOfDisk,

    /// <summary>QMP cont, when the store is well again: QEMU tries the requests again.</summary>
    ContinueWhenStoreIsWell,
    WhoPaused,
    ContinueMachine,
    StartMachine,
    SourceOfMigration,
    TargetOfMigration,
    MigrationAndJobs,

    /// <summary>A guest that has shut down is started again, or QEMU ended.</summary>
    ResetOrQuit,
    WakeUpMachine,
    GuestConsole,

    /// <summary>A core of QEMU before the guest is reset.</summary>
    CoreBeforeReset,
    ContinueOrReset,
    QemuLog,
    HostKernelLog,
    WhoDebugsGuest,
    QueryStatus,

    // Of backends outside of QEMU.
    WhyBackendEnded,
    StartBackendThatConnects,

    /// <summary>QEMU connects to the backend again by itself only with reconnect=.</summary>
    StartBackendThatListens,

    // Of queues.

    /// <summary>QEMU's log, for what it says of indices.</summary>
    QemuLogForIndices,

    /// <summary>What else writes to the guest's memory at the ring.</summary>
    OtherWriters,

    /// <summary>A core of QEMU before anything is reset.</summary>
    CoreBeforeAnything,

    /// <summary>The requests in the core's ring.</summary>
    RequestsInCore,

    /// <summary>What the threads did, in the core.</summary>
    ThreadsInCore,

    /// <summary>The verdict on the device, which says who stopped the thread.</summary>
    VerdictOnDevice,
    StoreBehindDevice,
    BlockStatisticsAndJobs,

    /// <summary>What the thread that serves the queue waits for; about it, where it is known.</summary>
    WhereThreadWaits,

    /// <summary>The thread that serves the queue, and where it is; about it, where it is known.</summary>
    ServingThread,

    /// <summary>QMP stop and cont: with event_idx the driver does not kick again, and then QEMU looks into every ring.</summary>
    PauseAndContinue,

    /// <summary>A new request, which kicks again.</summary>
    AnotherRequest,
    GuestCpusRun,

    /// <summary>QEMU before 8.1 with -smp 1 leaves out the barriers of the guest that it emulates (commit c914d46d0a64).</summary>
    BarriersLeftOut,

    /// <summary>A bottom half of the serving thread that does not run.</summary>
    BottomHalf,

    /// <summary>The guest's count of the queue's interrupts; about the vector.</summary>
    InterruptCount,
    CpuOfInterrupt,
    VhostWorker,
    StoreBehindVhost,
}
