using Virtap.Processes.Commands;

namespace Virtap.Processes.Tracees;

/// <summary>What the kernel tells of a thread that is traced.</summary>
public enum TraceeNewsKind
{
    /// <summary>It has ended by itself; the number is its exit status.</summary>
    Exited,

    /// <summary>A signal ended it; the number is the signal.</summary>
    Killed,

    /// <summary>It has stopped before a signal is handed to it; the number is the signal.</summary>
    Signal,

    /// <summary>It has stopped because it was asked to, or has just been made.</summary>
    Stopped,

    /// <summary>It has stopped with all of its process by a signal that stops; the number is the signal.</summary>
    GroupStopped,

    /// <summary>It has made a process, which is traced too.</summary>
    Forked,

    /// <summary>As <see cref="Forked"/>, by vfork(2): it waits until the other has run another program or ended.</summary>
    VForked,

    /// <summary>It has made a thread, which is traced too.</summary>
    Cloned,

    /// <summary>It runs another program, as the only thread of its process.</summary>
    Executed,

    /// <summary>The process that it made by vfork(2) does not share its memory any more.</summary>
    VForkDone,

    /// <summary>It is about to end.</summary>
    Ending,

    /// <summary>It has stopped where a system call begins or ends.</summary>
    SystemCall,
}

/// <summary>News of a thread that is traced.</summary>
/// <param name="ThreadId">The thread.</param>
/// <param name="Kind">What has happened.</param>
/// <param name="Number">A status or a signal, as the kind says.</param>
public readonly record struct TraceeNews(int ThreadId, TraceeNewsKind Kind, int Number)
{
    // linux/ptrace.h: PTRACE_EVENT_*.
    private const int ForkEvent = 1, VForkEvent = 2, CloneEvent = 3, ExecEvent = 4, VForkDoneEvent = 5, ExitEvent = 6, StopEvent = 128;

    // SIGTRAP as PTRACE_O_TRACESYSGOOD marks it.
    private const int SystemCallTrap = 0x85;

    /// <summary>Whether the thread stands still until it is told to go on.</summary>
    public bool IsStop => Kind is not (TraceeNewsKind.Exited or TraceeNewsKind.Killed);

    /// <summary>Whether it has made a thread or a process.</summary>
    public bool IsBirth => Kind is TraceeNewsKind.Cloned or TraceeNewsKind.Forked or TraceeNewsKind.VForked;

    /// <summary>Reads what wait(2) gave.</summary>
    internal static TraceeNews Of(int thread, int status)
    {
        if ((status & 0x7f) == 0)
            return new TraceeNews(thread, TraceeNewsKind.Exited, (status >> 8) & 0xff);
        if ((status & 0xff) != 0x7f)
            return new TraceeNews(thread, TraceeNewsKind.Killed, status & 0x7f);
        int signal = (status >> 8) & 0xff;
        TraceeNewsKind kind = (status >> 16) switch
        {
            ForkEvent => TraceeNewsKind.Forked,
            VForkEvent => TraceeNewsKind.VForked,
            CloneEvent => TraceeNewsKind.Cloned,
            ExecEvent => TraceeNewsKind.Executed,
            VForkDoneEvent => TraceeNewsKind.VForkDone,
            ExitEvent => TraceeNewsKind.Ending,
            StopEvent when signal != ProcessSignal.Trap => TraceeNewsKind.GroupStopped,
            StopEvent => TraceeNewsKind.Stopped,
            _ when signal == SystemCallTrap => TraceeNewsKind.SystemCall,
            _ => TraceeNewsKind.Signal,
        };
        return new TraceeNews(thread, kind, signal);
    }
}
