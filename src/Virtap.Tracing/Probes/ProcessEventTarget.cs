using Virtap.Language.Binding.Targets;
using Virtap.Processes.Programs;

namespace Virtap.Tracing.Probes;

/// <summary>process(...).begin and .end, and those of threads.</summary>
/// <param name="point">As the script has it.</param>
/// <param name="event">When it fires.</param>
/// <param name="filter">Whose.</param>
public sealed class ProcessEventTarget(string point, ProcessEvent @event, ProcessFilter filter) : HandledTarget
{
    private const string NoVariables =
        "only \"process(PATH_OR_PID).syscall\" and \"process(PATH_OR_PID).syscall.return\" probes support target symbols";

    /// <inheritdoc/>
    public override HandlerKind Kind => HandlerKind.InProcess;

    /// <inheritdoc/>
    public override string ProbeType => "utrace";

    /// <inheritdoc/>
    public override string Point { get; } = point;

    /// <inheritdoc/>
    public override TargetLookup Find(string name) => TargetLookup.None(NoVariables);

    /// <inheritdoc/>
    public override string WhyNoText(string name) => NoVariables;

    /// <summary>When it fires.</summary>
    public ProcessEvent Event { get; } = @event;

    /// <inheritdoc/>
    public override ProcessFilter Filter { get; } = filter;
}

/// <summary>Whose events count: those of one process, of those that run a program, of the target's tree, or of all.</summary>
/// <param name="Process">The process; null for any.</param>
/// <param name="Executable">The program that it runs; null for any.</param>
/// <param name="IsOfTarget">It is the session's target (of -x or -c), or descends from it.</param>
public sealed record ProcessFilter(int? Process = null, ExecutableFile? Executable = null, bool IsOfTarget = false)
{
    /// <summary>All but this process itself, which would hear of what it does to tell of what it hears.</summary>
    public static ProcessFilter Everyone { get; } = new();
}

/// <summary>What happens to a process or thread. The numbers are those of the records that the kernel's side sends.</summary>
public enum ProcessEvent
{
    /// <summary>
    /// A process comes to run the program: by exec, or as the child of one that does; at the start of the session also for each that runs
    /// it already.
    /// </summary>
    Begin = 0,

    /// <summary>A process that runs the program ends, or goes on with another program.</summary>
    End = 1,

    /// <summary>A process that runs the program gets a further thread.</summary>
    ThreadBegin = 2,

    /// <summary>A thread that is not the first one of its process ends.</summary>
    ThreadEnd = 3,
}
