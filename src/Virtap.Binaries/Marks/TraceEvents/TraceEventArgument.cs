namespace Virtap.Binaries.Marks.TraceEvents;

/// <summary>An argument of a trace event, as its declaration has it.</summary>
/// <param name="CType">Its type: <c>void *</c>, <c>const char *</c>, <c>uint64_t</c>.</param>
/// <param name="Name">Its name: <c>vdev</c>.</param>
public sealed record TraceEventArgument(string CType, string Name);
