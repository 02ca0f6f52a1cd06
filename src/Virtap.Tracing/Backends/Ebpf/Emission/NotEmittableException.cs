namespace Virtap.Tracing.Backends.Ebpf.Emission;

/// <summary>
/// Something of a handler has no form in eBPF, or none on this kernel. Never leaves the backend: its emitter turns it
/// into a result.
/// </summary>
internal sealed class NotEmittableException(string message, string? hint = null) : Exception(message)
{
    /// <summary>What can be done about it.</summary>
    public string? Hint { get; } = hint;
}
