using Virtap.Processes.Files;

namespace Virtap.Tracing.Probes;

/// <summary>process(...).begin and .end, and those of threads.</summary>
/// <param name="point">As the script has it.</param>
/// <param name="event">When it fires.</param>
/// <param name="executable">The program that the process runs; null for any.</param>
/// <param name="process">The process; 0 for any.</param>
/// <param name="isOfTarget">Whether it belongs to the tree of the session's target: that process, its children, theirs.</param>
public sealed class ProcessEventTarget(string point, ProcessEvent @event, FileIdentity? executable, int process, bool isOfTarget)
    : HandledTarget
{
    /// <inheritdoc/>
    public override HandlerKind Kind => HandlerKind.InProcess;

    /// <inheritdoc/>
    public override string ProbeType => "utrace";

    /// <inheritdoc/>
    public override string Point { get; } = point;

    /// <summary>When it fires.</summary>
    public ProcessEvent Event { get; } = @event;

    /// <summary>The program that the process runs; null for any.</summary>
    public FileIdentity? Executable { get; } = executable;

    /// <summary>The process; 0 for any.</summary>
    public int Process { get; } = process;

    /// <summary>Whether it belongs to the tree of the session's target (of -x or -c): that process, its children, theirs.</summary>
    public bool IsOfTarget { get; } = isOfTarget;
}
