using Virtap.Bpf.Links;
using Virtap.Language.Binding;

namespace Virtap.Tracing.Probes;

/// <summary>A place in a program's code: what a uprobe is put on.</summary>
/// <param name="binary">The file that holds the code.</param>
/// <param name="address">Link-time address of the probed instruction.</param>
/// <param name="fileOffset">The same place as an offset in the file.</param>
/// <param name="process">The process that it is confined to, or 0: every process that runs the file, present and future.</param>
public abstract class CodeTarget(ProbedBinary binary, ulong address, ulong fileOffset, int process) : ProbeTarget
{
    /// <summary>The file that holds the code.</summary>
    public ProbedBinary Binary { get; } = binary;

    /// <summary>Link-time address of the probed instruction.</summary>
    public ulong Address { get; } = address;

    /// <summary>The same place as an offset in the file.</summary>
    public ulong FileOffset { get; } = fileOffset;

    /// <summary>The process that it is confined to, or 0: every process that runs the file, present and future.</summary>
    public int Process { get; } = process;

    /// <summary>Offset in the file of the semaphore to raise, or 0.</summary>
    public virtual ulong SemaphoreFileOffset => 0;

    /// <summary>Fires when the function that begins there returns.</summary>
    public virtual bool AtReturn => false;

    /// <summary>The place as links take it.</summary>
    /// <param name="cookie">What the program is told when it is hit.</param>
    public UprobePlace Place(ulong cookie) => new(FileOffset, SemaphoreFileOffset, cookie);
}
