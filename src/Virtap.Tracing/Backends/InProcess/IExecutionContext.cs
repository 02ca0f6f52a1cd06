using Virtap.Binaries.Code;
using Virtap.Tracing.Ir;

namespace Virtap.Tracing.Backends.InProcess;

/// <summary>
/// The thread in whose name a handler runs, as far as a script can see it: who it is, its registers, its memory. Time is not part of it;
/// the evaluator takes that from the clocks that the kernel side uses too.
/// </summary>
public interface IExecutionContext
{
    /// <summary>Index of the probe site that was hit among the handler's targets.</summary>
    int Site { get; }

    /// <summary>Process id (the kernel's tgid).</summary>
    int Pid { get; }

    /// <summary>Thread id (the kernel's pid).</summary>
    int Tid { get; }

    /// <summary>Process id of the parent.</summary>
    int Ppid { get; }

    /// <summary>Real user id.</summary>
    uint Uid { get; }

    /// <summary>Real group id.</summary>
    uint Gid { get; }

    /// <summary>Effective user id.</summary>
    uint EffectiveUid { get; }

    /// <summary>Effective group id.</summary>
    uint EffectiveGid { get; }

    /// <summary>Its process group.</summary>
    int ProcessGroup { get; }

    /// <summary>Its session.</summary>
    int Session { get; }

    /// <summary>Where its program's arguments and environment lie in its memory; zeros where that is not known.</summary>
    ProcessStrings Strings { get; }

    /// <summary>Where the kernel has what it knows of the thread (task_struct); 0 where that cannot be found out.</summary>
    ulong Task { get; }

    /// <summary>The CPU it runs on.</summary>
    int Cpu { get; }

    /// <summary>Address of the instruction at the probe site; 0 where there is none.</summary>
    ulong InstructionPointer { get; }

    /// <summary>The thread's name, or that of its parent's: at most 15 bytes.</summary>
    ReadOnlySpan<byte> ThreadName(bool ofParent);

    /// <summary>A register at the probe site; false where there is none.</summary>
    bool TryReadRegister(MachineRegister register, out ulong value);

    /// <summary>Fills the bytes from the thread's memory; false if not all of them can be read.</summary>
    bool TryRead(ulong address, Span<byte> bytes);

    /// <summary>Where the function is loaded whose return this is; 0 where that is not known, or it is none.</summary>
    ulong ReturningFunction => 0;

    /// <summary>
    /// All general registers and the used end of the stack, as <see cref="Memory.StackRecord"/> has them; null where no thread of a program
    /// runs the handler.
    /// </summary>
    byte[]? CopyStack() => null;
}
