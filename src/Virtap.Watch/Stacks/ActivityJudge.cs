using Virtap.Processes.Stacks;

namespace Virtap.Watch.Stacks;

/// <summary>
/// What a thread is doing, by the names of the functions on its stack. QEMU's are those of its sources (versions 4 to 10), which its
/// binaries export for their modules; the C library's are glibc's and musl's.
/// </summary>
internal static class ActivityJudge
{
    private static readonly string[] s_lockWaits = ["lll_lock_wait", "pthread_mutex_lock", "pthread_mutex_timedlock", "futex_lock_pi"];
    private static readonly string[] s_signalWaits =
        ["pthread_cond_wait", "pthread_cond_timedwait", "qemu_event_wait", "sem_wait", "sem_timedwait", "qemu_sem_wait"];

    private static readonly string[] s_fileWaits =
        ["ppoll", "poll", "epoll_wait", "epoll_pwait", "select", "pselect", "read", "recvmsg", "accept", "accept4"];

    private static readonly string[] s_submits =
        ["io_submit", "io_uring_enter", "io_uring_submit", "preadv", "pwritev", "preadv64", "pwritev64", "fdatasync", "fsync", "fallocate"];

    private static readonly string[] s_drains =
        ["bdrv_drained_begin", "bdrv_do_drained_begin", "bdrv_drain_all_begin", "bdrv_drain_all", "blk_drain"];

    private static readonly string[] s_sleeps = ["clock_nanosleep", "nanosleep"];

    /// <summary>
    /// In order: what says more comes first. Each has functions of which one has to be on the stack, and what the thread waits in beneath.
    /// </summary>
    private static readonly Rule[] s_rules =
    [
        new(ActivityKind.WaitingForBigLock, ["qemu_mutex_lock_iothread_impl", "bql_lock_impl"], s_lockWaits),
        new(ActivityKind.Draining, s_drains, []),
        new(ActivityKind.Migrating, ["migration_iteration_run", "qemu_savevm_state_iterate", "migration_thread"], []),
        new(ActivityKind.WaitingForReaders, ["synchronize_rcu"], s_signalWaits),
        new(ActivityKind.GuestByKvm, ["kvm_cpu_exec", "kvm_vcpu_ioctl"], ["ioctl"]),
        new(ActivityKind.CpuIdle, ["qemu_wait_io_event", "qemu_process_cpu_events"], s_signalWaits),
        new(ActivityKind.GuestByTranslation, ["tcg_cpus_exec", "tcg_cpu_exec", "cpu_exec"], []),
        new(ActivityKind.SubmittingIo, s_submits, []),
        new(ActivityKind.MainLoopWaiting, ["main_loop_wait"], s_fileWaits),
        new(ActivityKind.IoWaiting, ["aio_poll"], s_fileWaits),
        new(ActivityKind.WaitingForLock, s_lockWaits, []),
        new(ActivityKind.WaitingForSignal, s_signalWaits, []),
        new(ActivityKind.Sleeping, s_sleeps, []),
        new(ActivityKind.WaitingForFiles, s_fileWaits, []),
    ];

    private sealed record Rule(ActivityKind Kind, string[] Names, string[] Beneath);

    /// <summary>Judges a stack.</summary>
    /// <param name="frames">The calls, the innermost first.</param>
    /// <param name="name">The thread's name.</param>
    /// <param name="runs">Whether it ran when it was looked at.</param>
    public static ThreadActivity Judge(IReadOnlyList<ResolvedAddress> frames, string name, bool runs)
    {
        string[] names = [.. frames.Select(NameOf).OfType<string>()];
        foreach (Rule rule in s_rules)
        {
            if (names.FirstOrDefault(rule.Names.Contains) is not { } found)
                continue;
            string? waitsIn = rule.Beneath.Length == 0 ? found : names.FirstOrDefault(rule.Beneath.Contains);
            if (waitsIn is not null)
                return new ThreadActivity(Refine(rule.Kind, name), waitsIn);
        }

        return new ThreadActivity(runs ? ActivityKind.Running : ActivityKind.Unknown, names.FirstOrDefault());
    }

    // What only a name tells: QEMU's thread pools wait for work as others wait for anything.
    private static ActivityKind Refine(ActivityKind kind, string name) =>
        kind == ActivityKind.WaitingForSignal && name is "worker" or "pool-worker" or "call_rcu" ? ActivityKind.WorkerIdle : kind;

    /// <summary>The function of a frame, without the underscores that the C library puts before its own.</summary>
    internal static string? NameOf(ResolvedAddress address) =>
        address.Symbol is { } symbol ? symbol.Name.TrimStart('_') : address.Scopes is [.., var outer] ? outer.Function.Name : null;
}
