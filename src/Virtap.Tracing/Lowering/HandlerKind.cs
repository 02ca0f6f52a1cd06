namespace Virtap.Tracing.Lowering;

/// <summary>Where a handler runs, and what may run at the same time.</summary>
public enum HandlerKind
{
    /// <summary>In this process, while nothing else runs: begin, end, error, never.</summary>
    Alone,

    /// <summary>In this process, one at a time, while the targets go on: timers, process events.</summary>
    InProcess,

    /// <summary>As eBPF in the threads of the targets, on all CPUs at once.</summary>
    InTarget,
}
