using Virtap.Binaries.Code;
using Virtap.Bpf.Inspection;
using Virtap.Interop;
using Virtap.Tracing.Ir;

namespace Virtap.Tracing.Backends.InProcess;

/// <summary>
/// This process itself, in whose name begin, end, error and timer handlers run (with SystemTap it is the front end's process). There is
/// no probe site, so there are no registers.
/// </summary>
public sealed class OwnContext : IExecutionContext
{
    /// <summary>For handlers of one target.</summary>
    public static readonly OwnContext Instance = new();

    /// <summary>Describes a hit.</summary>
    /// <param name="site">Index of the target among the handler's.</param>
    public OwnContext(int site = 0) => Site = site;

    /// <inheritdoc/>
    public int Site { get; }

    /// <inheritdoc/>
    public int Pid => Environment.ProcessId;

    /// <inheritdoc/>
    public int Tid => Libc.ThreadId();

    /// <inheritdoc/>
    public int Ppid => Libc.ParentId();

    /// <inheritdoc/>
    public uint Uid => Libc.UserId();

    /// <inheritdoc/>
    public uint Gid => Libc.GroupId();

    /// <inheritdoc/>
    public uint EffectiveUid => Status.EffectiveUid;

    /// <inheritdoc/>
    public uint EffectiveGid => Status.EffectiveGid;

    /// <inheritdoc/>
    public int ProcessGroup => Status.ProcessGroup;

    /// <inheritdoc/>
    public int Session => Status.Session;

    /// <inheritdoc/>
    public ProcessStrings Strings => ProcessStrings.Of(Pid);

    /// <inheritdoc/>
    public ulong Task => KernelMemory.Current?.CurrentTask() ?? 0;

    /// <inheritdoc/>
    public int Cpu => Libc.Processor();

    /// <inheritdoc/>
    public ulong InstructionPointer => 0;

    private ProcessStatus Status => ProcessStatus.Of(Pid);

    /// <inheritdoc/>
    public ReadOnlySpan<byte> ThreadName(bool ofParent) => ofParent ? ProcessStatus.NameOf(Ppid) : "virtap"u8;

    /// <inheritdoc/>
    public bool TryReadRegister(MachineRegister register, out ulong value)
    {
        value = 0;
        return false;
    }

    /// <inheritdoc/>
    public bool TryRead(ulong address, Span<byte> bytes) => ProcessStrings.TryRead(Pid, address, bytes);
}
