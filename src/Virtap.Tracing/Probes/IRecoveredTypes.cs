using Virtap.Binaries.Elf;
using Virtap.Binaries.Types;

namespace Virtap.Tracing.Probes;

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
