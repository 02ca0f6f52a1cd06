using Virtap.Binaries.Elf;
using Virtap.Binaries.Types;

namespace Virtap.Tracing.Probes;

/// <summary>What the command line says about targets.</summary>
public sealed record ProbeOptions
{
    /// <summary>The process of -x, or the one started for -c; null for none.</summary>
    public int? TargetProcess { get; init; }

    /// <summary>The command line of -c, whose first word says what <c>process</c> without an argument is; null for none.</summary>
    public string? Command { get; init; }

    /// <summary>Whether there is a process of -x or -c, whose tree a bare <c>process</c> means.</summary>
    public bool HasTarget => TargetProcess is not null || Command is not null;

    /// <summary>--exe: programs to probe in place of those that the script names.</summary>
    public IReadOnlyDictionary<string, string> Executables { get; init; } = new Dictionary<string, string>();

    /// <summary>How often the kernel's clock ticks in a second, for the probe points that count in ticks.</summary>
    public Func<long> TicksPerSecond { get; init; } = static () => KernelTicks.PerSecond;

    /// <summary>Knows types of programs that have no debug information; null where nobody does.</summary>
    public IRecoveredTypes? RecoveredTypes { get; init; }
}

/// <summary>Knows types of programs by their code, where no debug information tells of them.</summary>
public interface IRecoveredTypes
{
    /// <summary>Finds a type of a program.</summary>
    /// <param name="program">The program's file.</param>
    /// <param name="name">As scripts name types: <c>VirtQueue</c>, <c>struct VirtQueue *</c>.</param>
    /// <param name="problem">Why a type that could be known is not; null otherwise.</param>
    /// <returns>The type; null where it is none of those that are known.</returns>
    CType? FindType(ElfFile program, string name, out string? problem);
}
