using Virtap.Processes.Files;

namespace Virtap.Tracing.Probes;

/// <summary>Whose events count: those of one process, of those that run a program, of the target's tree, or of all.</summary>
/// <param name="Process">The process; 0 for any.</param>
/// <param name="Executable">The program that it runs; null for any.</param>
/// <param name="IsOfTarget">It is the session's target (of -x or -c), or descends from it.</param>
public sealed record ProcessFilter(int Process = 0, FileIdentity? Executable = null, bool IsOfTarget = false)
{
    /// <summary>All but this process itself, which would hear of what it does to tell of what it hears.</summary>
    public static ProcessFilter Everyone { get; } = new();
}
