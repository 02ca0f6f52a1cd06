namespace Virtap.Tracing.Probes;

/// <summary>input.char and input.line: what this process reads from its standard input.</summary>
/// <param name="point">The probe point.</param>
/// <param name="isLine">Whether it fires for each line, else for each character.</param>
public sealed class InputTarget(string point, bool isLine) : HandledTarget
{
    private const string Value = "value";

    /// <inheritdoc/>
    public override HandlerKind Kind => HandlerKind.InProcess;

    /// <inheritdoc/>
    public override string ProbeType => "procfs";

    /// <inheritdoc/>
    public override string Point { get; } = point;

    /// <summary>Whether it fires for each line, else for each character.</summary>
    public bool IsLine { get; } = isLine;

    /// <summary>The global that has what was read.</summary>
    public string Variable { get; } = isLine ? "input line" : "input char";

    /// <inheritdoc/>
    public override string? TextOf(string name) => name == Value ? Variable : null;
}
