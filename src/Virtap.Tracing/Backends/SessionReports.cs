using Virtap.Bpf.Kernel;
using Virtap.Processes.Stops;
using Virtap.Tracing.Leftovers;
using Virtap.Tracing.Links;

namespace Virtap.Tracing.Backends;

/// <summary>
/// Something that went otherwise than it was asked for. Whoever shows it has the words.
/// </summary>
public abstract record SessionWarning
{
    /// <summary>Whether the session ends by it: then it is an error.</summary>
    public virtual bool EndsSession => false;
}

/// <summary>
/// An earlier tracer has left breakpoints in a process that is probed now; or a debugger has its own there
/// (<see cref="LeftBreakpoints.Debugger"/>).
/// </summary>
public sealed record BreakpointsWereLeft(LeftBreakpoints Left) : SessionWarning;

/// <summary>
/// Processes run, or have mapped, another file than the one of a name that is probed: it had that name before, and was deleted since.
/// Nothing fires in them.
/// </summary>
/// <param name="Path">The name.</param>
/// <param name="Processes">The processes' ids, ascending; at least one.</param>
public sealed record FileWasReplaced(string Path, IReadOnlyList<int> Processes) : SessionWarning;

/// <summary>There is no process with the id that -x names: it has ended, or never was.</summary>
public sealed record TargetIsNowhere(int Process) : SessionWarning;

/// <summary>A process that descends from the target cannot be traced; others are.</summary>
public sealed record ProcessIsNotTraced(ThreadStopException Failure) : SessionWarning;

/// <summary>A site could not be probed; others could.</summary>
public sealed record SiteWasRefused(AttachFailure Failure) : SessionWarning;

/// <summary>A probe's condition came to hold, and the kernel refused the probe.</summary>
public sealed record ProbeWasNotArmed(BpfException Refusal) : SessionWarning;

/// <summary>More hits were skipped than MAXSKIPPED allows.</summary>
public sealed record TooManyWereSkipped : SessionWarning
{
    public override bool EndsSession => true;
}

/// <summary>When the session stopped waiting, the kernel still had probes to take out of their targets. It goes on doing so.</summary>
public sealed record DetachingGoesOn : SessionWarning;

/// <summary>What a session uses of what a machine offers where that differs from one to the other: each backend has its own.</summary>
public abstract record BackendUse;
