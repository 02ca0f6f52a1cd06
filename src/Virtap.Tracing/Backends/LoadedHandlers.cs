using System.Runtime.InteropServices;
using Virtap.Processes.Commands;
using Virtap.Tracing.Ir;
using Virtap.Tracing.Probes;
using Virtap.Tracing.Runtime;

namespace Virtap.Tracing.Backends;

/// <summary>
/// A backend's handlers in a session. They are attached once and detached once; in between the session asks them to <see cref="Take"/>
/// what has come, when one of <see cref="Wakes"/> is readable or <see cref="NextDue"/> has passed. One thread at a time.
/// </summary>
internal abstract class LoadedHandlers : IDisposable
{
    /// <summary>Places in code that are probed; known once attached.</summary>
    public virtual int Sites => 0;

    /// <summary>Links that probe them.</summary>
    public virtual int Links => 0;

    /// <summary>One of them is readable when there is something to take; none where nothing comes but by time.</summary>
    public virtual IEnumerable<SafeHandle> Wakes => [];

    /// <summary>When there is something to take without a descriptor's telling, in nanoseconds of the monotonic clock.</summary>
    public virtual long NextDue => long.MaxValue;

    /// <summary>What was chosen of what the machine offers; null where there is nothing to choose.</summary>
    public virtual BackendUse? Use => null;

    /// <summary>Runs the handlers of what happens to the session itself: begin, end, error.</summary>
    public virtual void Run(LifecycleEvent @event)
    {
    }

    /// <summary>Whether a probe's condition holds now; null where nothing is evaluated here.</summary>
    public virtual bool? Holds(LongExpression condition) => null;

    /// <summary>
    /// Puts the probes in place, but for those whose conditions do not hold: from here handlers run, as far as the session's state lets
    /// them.
    /// </summary>
    /// <param name="holds">Whether a condition holds.</param>
    /// <param name="warn">Takes what could not be done and does not end the session.</param>
    /// <exception cref="Bpf.Kernel.BpfException">The kernel refused; what was attached is detached when this is disposed of.</exception>
    public abstract void Attach(Func<LongExpression, bool> holds, Action<SessionWarning> warn);

    /// <summary>Whether there is something for <see cref="AttachToTarget"/>.</summary>
    public virtual bool WatchesTarget => false;

    /// <summary>
    /// Puts those probes in place that lie in the memory of the session's target, where the target has its program: after
    /// <see cref="Attach"/>, and of a command of -c when it has become that.
    /// </summary>
    /// <param name="holds">As for <see cref="Attach"/>.</param>
    /// <exception cref="Bpf.Kernel.BpfException">As for <see cref="Attach"/>.</exception>
    public virtual void AttachToTarget(Func<LongExpression, bool> holds)
    {
    }

    /// <summary>
    /// Puts those probes in place whose conditions have come to hold, and takes out those whose conditions do not any more. One that comes
    /// to a place where others are runs before them.
    /// </summary>
    /// <param name="holds">As for <see cref="Attach"/>.</param>
    /// <param name="warn">As for <see cref="Attach"/>.</param>
    /// <exception cref="Bpf.Kernel.BpfException">As for <see cref="Attach"/>.</exception>
    public virtual void Arm(Func<LongExpression, bool> holds, Action<SessionWarning> warn)
    {
    }

    /// <summary>Takes the processes that live when the session starts to run, which begin now.</summary>
    /// <param name="except">The command of -c, which begins when it is let go; null for none.</param>
    public virtual void TakeLiving(int? except)
    {
    }

    /// <summary>Whether this process traces the targets, so that it hears of their ends in their parents' place.</summary>
    public virtual bool TracesTargets => false;

    /// <summary>How a process ended that was traced; null where it has not, or was not.</summary>
    public virtual CommandExit? EndOf(int process) => null;

    /// <summary>Runs what is due, and makes text of what has come; not all of it where it is much.</summary>
    /// <returns>Whether there may be more.</returns>
    public abstract bool Take();

    /// <summary>Takes the probes out. When it returns, no process has a breakpoint of this backend, and no handler runs.</summary>
    /// <param name="warn">As for <see cref="Attach"/>.</param>
    public abstract void Detach(Action<SessionWarning> warn);

    /// <summary>Adds what got lost here and is not in the session's memory.</summary>
    public abstract LossCounts AddTo(LossCounts losses);

    /// <summary>
    /// How often a handler ran and for how long; known once detached, nothing for those of other backends and where runs are not timed.
    /// </summary>
    public abstract HandlerTimes TimesOf(LoweredHandler handler);

    /// <inheritdoc/>
    public abstract void Dispose();
}

/// <summary>How often a handler ran, and the nanoseconds of all runs together.</summary>
internal readonly record struct HandlerTimes(long Hits, long Nanoseconds);
