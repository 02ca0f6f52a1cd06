using Virtap.Binaries.Machine;

namespace Virtap.Binaries.Marks;

/// <summary>One argument of a mark at one site.</summary>
/// <param name="Name">Its name where one is known (<c>vdev</c>); it is also <c>$argN</c>, N from 1.</param>
/// <param name="CType">Its C type where one is known (<c>void *</c>, <c>const char *</c>, <c>uint64_t</c>).</param>
/// <param name="Value">How to read it, or null where it cannot be read.</param>
/// <param name="Unreadable">Why it cannot be read, for people; null where it can.</param>
public sealed record MarkArgument(string? Name, string? CType, MachineExpression? Value, string? Unreadable);
