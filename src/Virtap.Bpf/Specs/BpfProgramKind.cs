namespace Virtap.Bpf.Specs;

/// <summary>What a program is attached to; decides its program type and the type of its context.</summary>
public enum BpfProgramKind
{
    /// <summary>
    /// A user-space probe (program type KPROBE); the context is the thread's registers. Whether it is attached through one link for many
    /// places (6.6) or through perf events is decided when it is loaded, not here.
    /// </summary>
    Uprobe,

    /// <summary>A raw kernel trace point (4.17); the context is an array of 64-bit arguments.</summary>
    RawTracepoint,

    /// <summary>A perf event such as a CPU clock (4.9); the context begins with the registers.</summary>
    PerfEvent,

    /// <summary>A program run on request with BPF_PROG_TEST_RUN (5.14); always sleepable; the context is caller-given bytes.</summary>
    Syscall,
}
