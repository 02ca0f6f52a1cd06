namespace Virtap.Tracing.Probes;

/// <summary>The entry or the return of a function.</summary>
/// <param name="binary">The file.</param>
/// <param name="point">The resolved probe point.</param>
/// <param name="function">The function's name; null for an address that no symbol names.</param>
/// <param name="address">Link-time address of the probed instruction.</param>
/// <param name="fileOffset">The same place as an offset in the file.</param>
/// <param name="atReturn">Whether it fires at the return.</param>
/// <param name="process">The process that it is confined to, or 0.</param>
public sealed class FunctionTarget(ProbedBinary binary, string point, string? function, ulong address, ulong fileOffset, bool atReturn, int process)
    : CodeTarget(binary, address, fileOffset, process)
{
    /// <inheritdoc/>
    public override string Point { get; } = point;

    /// <inheritdoc/>
    public override string? Function { get; } = function;

    /// <inheritdoc/>
    public override bool AtReturn { get; } = atReturn;
}
