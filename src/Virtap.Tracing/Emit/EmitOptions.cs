using Virtap.Binaries.Machine;
using Virtap.Processes.Files;

namespace Virtap.Tracing.Emit;

/// <summary>What the emitter may use: the processor, and what the running kernel was found to offer. Everything else is a function of the lowered tree.</summary>
public sealed record EmitOptions
{
    /// <summary>The processor of the targets, which decides where registers lie in the probe's context.</summary>
    public required Architecture Architecture { get; init; }

    /// <summary>Whether <c>bpf_loop</c> is there (Linux 5.17): loops, arrays and most string operations need it.</summary>
    public bool HasLoopHelper { get; init; } = true;

    /// <summary>Whether <c>bpf_preempt_disable</c> and <c>bpf_preempt_enable</c> are there (Linux 6.10): then a holder of the lock is never descheduled.</summary>
    public bool HasPreemptionControl { get; init; }

    /// <summary>Where the kernel keeps what ppid() and pexecname() ask for; null where its BTF is missing.</summary>
    public TaskLayout? Task { get; init; }

    /// <summary>The namespace that pid() and tid() speak of; null for the kernel's first.</summary>
    public FileIdentity? PidNamespace { get; init; }

    /// <summary>MAXTRYLOCK: how often a handler tries to take the lock before it is counted as skipped.</summary>
    public int LockTries { get; init; } = 1 << 18;
}
