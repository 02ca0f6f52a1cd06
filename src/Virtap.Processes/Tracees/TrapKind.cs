using Virtap.Binaries;

namespace Virtap.Processes.Tracees;

/// <summary>What a SIGTRAP is that a thread has stopped before.</summary>
public enum TrapKind
{
    /// <summary>Somebody has sent it, or the program has made it in a way of its own: it is the program's.</summary>
    Other,

    /// <summary>A breakpoint: an instruction that traps.</summary>
    Breakpoint,

    /// <summary>A step of one instruction that a tracer has asked for.</summary>
    Step,
}

/// <summary>Tells traps apart by what the kernel says of them (si_code).</summary>
internal static class TrapKinds
{
    // asm-generic/siginfo.h: SI_KERNEL, TRAP_BRKPT, TRAP_TRACE. A stop that ptrace_notify makes has the signal for a code.
    private const int Kernel = 0x80, Break = 1, Trace = 2, Notified = 5;

    /// <summary>
    /// On x86-64 int3 is SI_KERNEL, and a step is one of three: TRAP_TRACE; behind a system call TRAP_BRKPT
    /// (user_single_step_report); at the first instruction of a signal's handler SIGTRAP (signal_setup_done). On aarch64 brk is TRAP_BRKPT.
    /// </summary>
    public static TrapKind Of(Architecture machine, int code) => (machine, code) switch
    {
        (_, Trace or Notified) or (Architecture.X64, Break) => TrapKind.Step,
        (Architecture.X64, Kernel) or (not Architecture.X64, Break) => TrapKind.Breakpoint,
        _ => TrapKind.Other,
    };
}
