namespace Virtap.Tracing.Emit;

/// <summary>Something of a handler has no form in eBPF, or none on this kernel. Never leaves the room: <see cref="ProgramEmitter"/> turns it into a result.</summary>
internal sealed class NotEmittableException(string message) : Exception(message);
