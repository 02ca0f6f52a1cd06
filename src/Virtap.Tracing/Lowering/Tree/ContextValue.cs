namespace Virtap.Tracing.Lowering.Tree;

/// <summary>What a handler may ask of the machine that runs it.</summary>
public enum ContextValue
{
    /// <summary>Process id (the kernel's tgid).</summary>
    Pid,

    /// <summary>Thread id (the kernel's pid).</summary>
    Tid,

    /// <summary>Process id of the parent.</summary>
    Ppid,

    Uid,

    Gid,

    Cpu,

    /// <summary>CLOCK_MONOTONIC, nanoseconds.</summary>
    MonotonicNanoseconds,

    /// <summary>CLOCK_REALTIME, nanoseconds.</summary>
    RealtimeNanoseconds,

    /// <summary>Cycles of the time stamp counter.</summary>
    Cycles,

    /// <summary>target(): the process given by -x or started by -c, or 0.</summary>
    Target,

    /// <summary>The instruction pointer at the probe site.</summary>
    InstructionPointer,

    /// <summary>What the register of a function's first argument holds at the probe site; those of the next five follow.</summary>
    Argument1,
    Argument2,
    Argument3,
    Argument4,
    Argument5,
    Argument6,
}
