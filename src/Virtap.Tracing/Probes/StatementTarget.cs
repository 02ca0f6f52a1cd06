using Virtap.Binaries.Dwarf;
using Virtap.Language.Binding.Targets;

namespace Virtap.Tracing.Probes;

/// <summary>A place within a function: where a source line's code begins, or any address.</summary>
/// <param name="binary">The file.</param>
/// <param name="point">The resolved probe point.</param>
/// <param name="function">The function's name; null where nobody knows.</param>
/// <param name="address">Link-time address of the probed instruction.</param>
/// <param name="fileOffset">The same place as an offset in the file.</param>
/// <param name="process">The process that it is confined to; null for all.</param>
/// <param name="scope">The function whose variables are there; null where debug information is to be asked.</param>
public sealed class StatementTarget(
    ProbedBinary binary, string point, string? function, ulong address, ulong fileOffset, int? process, DebugFunction? scope)
    : CodeTarget(binary, address, fileOffset, process)
{
    /// <inheritdoc/>
    public override string Point { get; } = point;

    /// <inheritdoc/>
    public override string? Function { get; } = function;

    /// <inheritdoc/>
    public override IReadOnlyList<TargetVariable> Variables => VariablesInScope;

    /// <inheritdoc/>
    public override TargetLookup Find(string name)
    {
        TargetLookup variable = FindInScope(name);
        return variable == TargetLookup.Unknown ? NotInScope(name) : variable;
    }

    /// <inheritdoc/>
    protected override DebugFunction? Scope => scope ?? base.Scope;
}
