using Virtap.Binaries.Types;

namespace Virtap.Binaries.Marks.TraceEvents;

/// <summary>The declaration of a trace event of QEMU.</summary>
/// <param name="Name">Its name: <c>virtio_notify</c>.</param>
/// <param name="Arguments">Its arguments, in order.</param>
/// <param name="Formats">
/// How QEMU logs it: one format of printf, or (events of translated code) one for the translation and one for the execution. The
/// <c>PRI*</c> macros
/// are replaced by what they are on 64-bit Linux. None where the declaration has one that is not known.
/// </param>
/// <param name="Properties">
/// The words before the name: <c>disable</c> (not built in), <c>vcpu</c> (has the processor as its first argument), <c>tcg</c>.
/// </param>
public sealed record TraceEvent(
    string Name, IReadOnlyList<TraceEventArgument> Arguments, IReadOnlyList<string> Formats, IReadOnlyList<string> Properties)
{
    private static readonly TraceEventArgument s_processor = new(new PointerType(new VoidType()), "cpu");

    /// <summary>
    /// The arguments that a mark of this event has: those declared, and for a <c>vcpu</c> event the processor before them.
    /// </summary>
    /// <param name="count">How many the mark has.</param>
    /// <returns>Null where they cannot be these: the declaration is another version's.</returns>
    public IReadOnlyList<TraceEventArgument>? ArgumentsOf(int count)
    {
        if (count == Arguments.Count)
            return Arguments;
        return count == Arguments.Count + 1 && Properties.Contains("vcpu") ? [s_processor, .. Arguments] : null;
    }
}

/// <summary>An argument of a trace event, as its declaration has it.</summary>
/// <param name="Type">Its type: <c>void *</c>, <c>const char *</c>, <c>uint64_t</c>.</param>
/// <param name="Name">Its name: <c>vdev</c>.</param>
public sealed record TraceEventArgument(CType Type, string Name);
