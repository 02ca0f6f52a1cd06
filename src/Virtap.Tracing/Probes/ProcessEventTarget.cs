using Virtap.Language.Binding;
using Virtap.Processes.Files;

namespace Virtap.Tracing.Probes;

/// <summary>process(...).begin and .end, and those of threads.</summary>
/// <param name="point">As the script has it.</param>
/// <param name="event">When it fires.</param>
/// <param name="executable">The program that the process runs; null for any.</param>
/// <param name="process">The process; 0 for any.</param>
/// <param name="root">The process whose tree it belongs to; 0 for any.</param>
public sealed class ProcessEventTarget(string point, ProcessEvent @event, FileIdentity? executable, int process, int root) : ProbeTarget
{
    /// <inheritdoc/>
    public override string Point { get; } = point;

    /// <summary>When it fires.</summary>
    public ProcessEvent Event { get; } = @event;

    /// <summary>The program that the process runs; null for any.</summary>
    public FileIdentity? Executable { get; } = executable;

    /// <summary>The process; 0 for any.</summary>
    public int Process { get; } = process;

    /// <summary>The process whose tree (itself, its children, theirs) it belongs to; 0 for any.</summary>
    public int Root { get; } = root;
}
