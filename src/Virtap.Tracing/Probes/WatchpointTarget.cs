namespace Virtap.Tracing.Probes;

/// <summary>
/// process.data(...).write and .rw: a thread of the process writes to some bytes of its memory, or reads them too. The handler sees the
/// thread's registers behind the instruction that did it (on aarch64, at it), and it is in the kernel where a system call did.
/// </summary>
/// <param name="point">The probe point.</param>
/// <param name="hook">What is watched.</param>
/// <param name="program">The program that the process runs.</param>
public sealed class WatchpointTarget(string point, WatchpointHook hook, ProbedBinary program) : HandledTarget
{
    /// <inheritdoc/>
    public override HandlerKind Kind => HandlerKind.InTarget;

    /// <inheritdoc/>
    public override string Point { get; } = point;

    /// <inheritdoc/>
    public override string ProbeType => "hwbkpt";

    /// <summary>The program that the process runs.</summary>
    public ProbedBinary Program { get; } = program;

    /// <inheritdoc/>
    public override WatchpointHook Hook { get; } = hook;
}
