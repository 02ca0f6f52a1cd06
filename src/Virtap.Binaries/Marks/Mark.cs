using Virtap.Binaries.Code;
using Virtap.Binaries.Types;

namespace Virtap.Binaries.Marks;

/// <summary>
/// A static trace point of a binary: one name, one or more places in the code. Read from SDT notes, or recovered from the code of a QEMU
/// that was built without them.
/// </summary>
/// <param name="Provider">The provider, such as <c>qemu</c>; for a recovered mark always <c>qemu</c>.</param>
/// <param name="Name">The mark's name, as it stands in the note (<c>__</c> is not translated here).</param>
/// <param name="Origin">Where the mark was read from.</param>
/// <param name="Sites">Every place that fires it, in order of address; never empty.</param>
public sealed record Mark(string Provider, string Name, MarkOrigin Origin, IReadOnlyList<MarkSite> Sites)
{
    /// <summary>
    /// How QEMU logs the event: a format of printf for its arguments, without the name before them; null where that is not known.
    /// </summary>
    public string? Format { get; init; }
}

/// <summary>Where a mark was read from.</summary>
public enum MarkOrigin
{
    /// <summary>A <c>.note.stapsdt</c> note.</summary>
    Sdt,

    /// <summary>A QEMU trace event of the <c>log</c> backend, recovered from the machine code.</summary>
    Recovered,
}

/// <summary>One place in the code that fires a mark.</summary>
/// <param name="Address">Link-time virtual address of the instruction to probe.</param>
/// <param name="FileOffset">The same place as an offset into the file: what uprobes take.</param>
/// <param name="SemaphoreFileOffset">
/// File offset of the mark's 16-bit semaphore, which the kernel counts up while attached; 0 where there is none.
/// </param>
/// <param name="Arguments">The arguments in the order of the mark; names and types may be missing, never the place in the list.</param>
/// <param name="Condition">
/// The mark fires only where this is not zero; null where it fires each time. Only few recovered marks have one: the instruction is another
/// mark's too, and while QEMU itself logs that other one, this one fires elsewhere.
/// </param>
public sealed record MarkSite(
    ulong Address, ulong FileOffset, ulong SemaphoreFileOffset, IReadOnlyList<MarkArgument> Arguments, MachineExpression? Condition = null);

/// <summary>One argument of a mark at one site.</summary>
/// <param name="Name">Its name where one is known (<c>vdev</c>); it is also <c>$argN</c>, N from 1.</param>
/// <param name="Type">
/// Its type: that of its declaration where one is known (<c>void *</c>, <c>uint64_t</c>), else what an SDT note says of size and sign; null
/// where it says nothing.
/// </param>
/// <param name="Value">How to read it, or null where it cannot be read.</param>
/// <param name="Unreadable">Why it cannot be read, for people; null where it can.</param>
public sealed record MarkArgument(string? Name, CType? Type, MachineExpression? Value, string? Unreadable);
