using Virtap.Binaries;
using Virtap.Bpf.Features;
using Virtap.Bpf.Specs;
using Virtap.Processes.Files;

namespace Virtap.Tracing.Backends.Ebpf.Emission;

/// <summary>
/// What the emitter may use: the processor, and what the running kernel was found to offer. Everything else is a function of the lowered
/// tree.
/// </summary>
public sealed record EmitOptions
{
    /// <summary>The processor of the targets, which decides where registers lie in the probe's context.</summary>
    public required Architecture Architecture { get; init; }

    /// <summary>Whether <c>bpf_loop</c> is there (Linux 5.17): loops, arrays and most string operations need it.</summary>
    public bool HasLoopHelper { get; init; } = true;

    /// <summary>
    /// Whether <c>bpf_preempt_disable</c> and <c>bpf_preempt_enable</c> are there (Linux 6.10): then a holder of the lock is never
    /// descheduled.
    /// </summary>
    public bool HasPreemptionControl { get; init; }

    /// <summary>
    /// How routines are verified. Global ones once each, on their own; but from Linux 6.10 to 6.14 they may not be called while
    /// preemption is off. Static ones are verified anew wherever they are called.
    /// </summary>
    public SubprogramLinkage RoutineLinkage { get; init; } = SubprogramLinkage.Global;

    /// <summary>Whether jumps may be longer than 16 bits can say (6.6).</summary>
    public bool HasLongJumps { get; init; } = true;

    /// <summary>Whether the kernel shows its types (BTF), as ppid() and pexecname() need it.</summary>
    public bool HasKernelTypes { get; init; } = true;

    /// <summary>
    /// Whether <c>bpf_get_func_ip</c> tells which function returns (Linux 6.6, with links for many probes); before, the kernel's own
    /// list of a thread's returns does.
    /// </summary>
    public bool KnowsReturningFunction { get; init; } = true;

    /// <inheritdoc cref="EbpfOptions.IsConfinedToTarget"/>
    public bool IsConfinedToTarget { get; init; }

    /// <summary>Bytes of memory that the kernel can share with programs: 4 MB before 6.0.</summary>
    public uint LargestMemory { get; init; } = int.MaxValue;

    /// <summary>The namespace that pid() and tid() speak of; null for the kernel's first.</summary>
    public FileIdentity? PidNamespace { get; init; }

    /// <summary>
    /// MAXTRYLOCK: how often a handler tries to take the lock before it is counted as skipped. Unless told, as often as bpf_loop can,
    /// which takes some 30 ms: a program that has the lock cannot be preempted and is done in microseconds, but a virtual machine's
    /// processor may be taken from it for as long as a host's scheduler sees fit.
    /// </summary>
    public int LockTries { get; init; } = 1 << 23;

    /// <summary>
    /// The same while this process has the lock, which may sleep meanwhile: some 10 ms, as SystemTap allows (MAXTRYLOCK, 1000, times
    /// TRYLOCKDELAY, 10 us).
    /// </summary>
    public int LockTriesForProcess => Math.Min(LockTries, 1 << 21);

    /// <summary>The same, without preemption control, while another handler on the same CPU has it: some 1 ms.</summary>
    public int LockTriesOnSameCpu => Math.Min(LockTries, 1 << 18);

    /// <summary>For a machine like this one whose kernel has all that programs can use: what -p3 shows. No kernel is asked.</summary>
    public static EmitOptions Modern { get; } = new() { Architecture = HostArchitecture.Current, HasPreemptionControl = true };

    /// <summary>
    /// For this machine, with what its kernel is found to offer: asks it, once. For who may not ask, all is taken to be there: what is
    /// lacking is the right to load programs, which the loading says.
    /// </summary>
    public static EmitOptions Of(KernelFeatures features)
    {
        if (!features.Privilege.Present)
            return Modern;
        bool hasPreemptionControl = features.PreemptionControl.Present;
        bool callsGlobals = !hasPreemptionControl || features.GlobalCallsWithPreemptionOff.Present;
        return new EmitOptions
        {
            Architecture = HostArchitecture.Current,
            HasLoopHelper = features.Loop.Present,
            HasPreemptionControl = hasPreemptionControl,
            RoutineLinkage = callsGlobals ? SubprogramLinkage.Global : SubprogramLinkage.Static,
            HasLongJumps = features.LongJumps.Present,
            HasKernelTypes = features.Btf.Present,
            KnowsReturningFunction = features.UprobeMulti.Present,
            LargestMemory = features.LargestValue,
            PidNamespace = Processes.PidNamespace.Own,
        };
    }
}

/// <summary>The maps that every program of a session refers to.</summary>
public static class EmitNames
{
    /// <summary>The session's memory: an array map of one value, mapped into this process.</summary>
    public const string Memory = "memory";

    /// <summary>The ring buffer of records.</summary>
    public const string Output = "output";
}

/// <summary>
/// Something of a handler has no form in eBPF, or none on this kernel. Never leaves the backend: its emitter turns it
/// into a result.
/// </summary>
internal sealed class NotEmittableException(string message, string? hint = null) : Exception(message)
{
    /// <summary>What can be done about it.</summary>
    public string? Hint { get; } = hint;
}
