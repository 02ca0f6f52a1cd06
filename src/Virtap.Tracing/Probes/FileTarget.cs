namespace Virtap.Tracing.Probes;

/// <summary>procfs("PATH").read and .write: a file of the session's, whose reader or writer has the handler run.</summary>
/// <param name="point">The probe point.</param>
/// <param name="path">The file's path in the session's folder: names with slashes between them.</param>
/// <param name="isWrite">Whether it fires when the file is written.</param>
/// <param name="umask">The permissions that the file does not give; null for the usual ones: none but its owner's.</param>
public sealed class FileTarget(string point, string path, bool isWrite, int? umask) : HandledTarget
{
    private const string Value = "value";

    /// <inheritdoc/>
    public override HandlerKind Kind => HandlerKind.InProcess;

    /// <inheritdoc/>
    public override string ProbeType => "procfs";

    /// <inheritdoc/>
    public override string Point { get; } = point;

    /// <summary>The file's path in the session's folder.</summary>
    public string Path { get; } = path;

    /// <summary>Whether it fires when the file is written, else when it is read.</summary>
    public bool IsWrite { get; } = isWrite;

    /// <summary>The permissions that the file does not give; null for the usual ones: none but its owner's.</summary>
    public int? Umask { get; } = umask;

    /// <summary>The global that has what was written, or takes what is read.</summary>
    public string Variable { get; } = $"{(isWrite ? "write" : "read")} {path}";

    /// <inheritdoc/>
    public override string? TextOf(string name) => name == Value ? Variable : null;
}
