using Virtap.Binaries.Machine;

namespace Virtap.Binaries.Marks;

/// <summary>One place in the code that fires a mark.</summary>
/// <param name="Address">Link-time virtual address of the instruction to probe.</param>
/// <param name="FileOffset">The same place as an offset into the file: what uprobes take.</param>
/// <param name="SemaphoreFileOffset">File offset of the mark's 16-bit semaphore, which the kernel counts up while attached; 0 where there is none.</param>
/// <param name="Arguments">The arguments in the order of the mark; names and types may be missing, never the place in the list.</param>
/// <param name="Condition">
/// The mark fires only where this is not zero; null where it fires each time. Only few recovered marks have one: the instruction is another mark's too,
/// and while QEMU itself logs that other one, this one fires elsewhere.
/// </param>
public sealed record MarkSite(
    ulong Address, ulong FileOffset, ulong SemaphoreFileOffset, IReadOnlyList<MarkArgument> Arguments, MachineExpression? Condition = null);
