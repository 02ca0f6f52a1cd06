using Virtap.Binaries.Code;
using Virtap.Interop;
using Virtap.Tracing.Ir;

namespace Virtap.Tracing.Backends.InProcess;

/// <summary>
/// The thread that a process event tells of. The event has brought its ids and its name; the rest is asked of /proc when a script wants
/// it, and is 0 or empty once the process is gone.
/// </summary>
public class ProcessEventContext : IExecutionContext
{
    private byte[]? _name;
    private ProcessStatus? _status;
    private ProcessStrings? _strings;

    /// <summary>Describes the thread of an event.</summary>
    /// <param name="pid">Its process.</param>
    /// <param name="tid">Itself.</param>
    /// <param name="name">Its name.</param>
    /// <param name="site">Index of the event's target among the handler's targets.</param>
    public ProcessEventContext(int pid, int tid, ReadOnlySpan<byte> name, int site = 0)
        : this(pid, tid, site) => _name = name.ToArray();

    /// <summary>Describes a thread that is there, and whose name can be asked for.</summary>
    protected ProcessEventContext(int pid, int tid, int site) => (Pid, Tid, Site) = (pid, tid, site);

    /// <inheritdoc/>
    public int Site { get; }

    /// <inheritdoc/>
    public int Pid { get; }

    /// <inheritdoc/>
    public int Tid { get; }

    /// <inheritdoc/>
    public int Ppid => Status.Ppid;

    /// <inheritdoc/>
    public uint Uid => Status.Uid;

    /// <inheritdoc/>
    public uint Gid => Status.Gid;

    /// <inheritdoc/>
    public uint EffectiveUid => Status.EffectiveUid;

    /// <inheritdoc/>
    public uint EffectiveGid => Status.EffectiveGid;

    /// <inheritdoc/>
    public int ProcessGroup => Status.ProcessGroup;

    /// <inheritdoc/>
    public int Session => Status.Session;

    /// <inheritdoc/>
    public ProcessStrings Strings => _strings ??= ProcessStrings.Of(Pid);

    /// <inheritdoc/>
    public ulong Task => KernelTasks.Find(Pid);

    /// <inheritdoc/>
    public virtual int Cpu => Libc.Processor();

    /// <inheritdoc/>
    public virtual ulong InstructionPointer => 0;

    /// <inheritdoc/>
    public virtual ulong ReturningFunction => 0;

    /// <inheritdoc/>
    public virtual byte[]? CopyStack() => null;

    private ProcessStatus Status => _status ??= ProcessStatus.Of(Pid);

    /// <inheritdoc/>
    public ReadOnlySpan<byte> ThreadName(bool ofParent) =>
        ofParent ? ProcessStatus.NameOf(Ppid) : _name ??= ProcessStatus.NameOf(Tid).ToArray();

    /// <inheritdoc/>
    public virtual bool TryReadRegister(MachineRegister register, out ulong value)
    {
        value = 0;
        return false;
    }

    /// <inheritdoc/>
    public virtual bool TryRead(ulong address, Span<byte> bytes) => ProcessStrings.TryRead(Pid, address, bytes);
}
