namespace Virtap.Language.Binding.Tree;

/// <summary>
/// What a tapset cannot be written in itself. Scripts see the functions of <c>Library/*.stp</c>; those, and scripts too, call these by the names in <see cref="Intrinsics"/>.
/// </summary>
public enum Intrinsic
{
    /// <summary>pid(): the process (the kernel's tgid).</summary>
    Pid,

    /// <summary>tid(): the thread.</summary>
    Tid,

    /// <summary>ppid()</summary>
    ParentPid,

    /// <summary>uid()</summary>
    Uid,

    /// <summary>gid()</summary>
    Gid,

    /// <summary>cpu()</summary>
    Cpu,

    /// <summary>execname(): the thread's name, as the kernel has it (at most 15 bytes).</summary>
    ThreadName,

    /// <summary>pexecname()</summary>
    ParentThreadName,

    /// <summary>target(): the process of -x or -c, or 0.</summary>
    Target,

    /// <summary>gettimeofday_ns(): CLOCK_REALTIME.</summary>
    RealtimeNanoseconds,

    /// <summary>local_clock_ns() and the like: CLOCK_MONOTONIC.</summary>
    MonotonicNanoseconds,

    /// <summary>get_cycles()</summary>
    Cycles,

    /// <summary>uaddr(): the instruction pointer of the thread at the probe.</summary>
    InstructionPointer,

    /// <summary>__argument1() to __argument6(): what the register of that argument holds; an argument only at a function's entry.</summary>
    Argument1,
    Argument2,
    Argument3,
    Argument4,
    Argument5,
    Argument6,

    /// <summary>strlen(s), in bytes.</summary>
    StringLength,

    /// <summary>substr(s, start, length), in bytes; out of range is "".</summary>
    Substring,

    /// <summary>exit(): ends the session; the handler goes on.</summary>
    Exit,

    /// <summary>error(text): ends the handler.</summary>
    Error,

    /// <summary>Signed bytes of target memory: __user_int8(address); a fault is an error.</summary>
    UserInt8,
    UserInt16,
    UserInt32,
    UserInt64,
    UserUint8,
    UserUint16,
    UserUint32,

    /// <summary>__user_string(address): bytes up to a zero, cut at MAXSTRINGLEN; a fault is an error.</summary>
    UserString,
}
