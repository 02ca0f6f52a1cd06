using Virtap.Binaries.Elf;
using Virtap.Processes.Access;
using Virtap.Processes.Memory;

namespace Virtap.Processes;

/// <summary>
/// A process that is looked at from outside: one that runs (<see cref="LiveProcess"/>), or one as a core holds it
/// (<see cref="Cores.CoreProcess"/>).
/// </summary>
public abstract class TargetProcess
{
    /// <summary>Its process id; of a core, the one it had.</summary>
    public abstract int Id { get; }

    /// <summary>What to call it in a message: <c>process 4711</c>, or a core by its path.</summary>
    public abstract string Label { get; }

    /// <summary>Its short name (comm), 15 bytes at most.</summary>
    public abstract string Name { get; }

    /// <summary>Its memory.</summary>
    public abstract TargetMemory Memory { get; }

    /// <summary>A path that opens the file it runs.</summary>
    public abstract string ExecutablePath { get; }

    /// <summary>What it runs, as the kernel names it; null where that is not known.</summary>
    public abstract string? ExecutableName { get; }

    /// <summary>The arguments it was started with; empty where they are not known.</summary>
    public abstract IReadOnlyList<string> CommandLine { get; }

    /// <summary>Its mappings.</summary>
    /// <exception cref="ProcessException">It has ended, or may not be looked into.</exception>
    public abstract Mappings ReadMappings();

    /// <summary>How far the file it runs is moved in its memory: run-time address minus link-time address, modulo 2^64.</summary>
    /// <param name="executable">That file.</param>
    /// <returns>Null where it is not mapped as it says.</returns>
    /// <exception cref="ProcessException">It has ended, or may not be looked into.</exception>
    public abstract ulong? LoadBias(ElfFile executable);
}
