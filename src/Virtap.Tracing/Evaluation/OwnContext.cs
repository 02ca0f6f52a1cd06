using Virtap.Binaries.Machine;

namespace Virtap.Tracing.Evaluation;

/// <summary>
/// This process itself, in whose name begin, end, error and timer handlers run (with SystemTap it is the front end's process). There is no probe site, so
/// there are no registers, and no memory to read.
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
    public int Tid => NativeMethods.Tid();

    /// <inheritdoc/>
    public int Ppid => NativeMethods.Ppid();

    /// <inheritdoc/>
    public uint Uid => NativeMethods.Uid();

    /// <inheritdoc/>
    public uint Gid => NativeMethods.Gid();

    /// <inheritdoc/>
    public int Cpu => NativeMethods.Cpu();

    /// <inheritdoc/>
    public ulong InstructionPointer => 0;

    /// <inheritdoc/>
    public ReadOnlySpan<byte> ThreadName(bool ofParent) => ofParent ? ProcessStatus.NameOf(Ppid) : "virtap"u8;

    /// <inheritdoc/>
    public bool TryReadRegister(MachineRegister register, out ulong value)
    {
        value = 0;
        return false;
    }

    /// <inheritdoc/>
    public bool TryRead(ulong address, Span<byte> bytes) => false;
}
