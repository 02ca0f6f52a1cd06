namespace Virtap.Binaries.Marks.TraceEvents;

/// <summary>The declaration of a trace event of QEMU.</summary>
/// <param name="Name">Its name: <c>virtio_notify</c>.</param>
/// <param name="Arguments">Its arguments, in order.</param>
/// <param name="Formats">
/// How QEMU logs it: one format of printf, or (events of translated code) one for the translation and one for the execution. The <c>PRI*</c> macros
/// are replaced by what they are on 64-bit Linux. None where the declaration has one that is not known.
/// </param>
/// <param name="Properties">The words before the name: <c>disable</c> (not built in), <c>vcpu</c> (has the processor as its first argument), <c>tcg</c>.</param>
public sealed record TraceEvent(
    string Name, IReadOnlyList<TraceEventArgument> Arguments, IReadOnlyList<string> Formats, IReadOnlyList<string> Properties);
