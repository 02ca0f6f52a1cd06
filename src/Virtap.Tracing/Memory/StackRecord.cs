namespace Virtap.Tracing.Memory;

/// <summary>
/// A stack as an item of the ring carries it: the process's id, then as a string (<see cref="RecordFormat"/>) the general registers in the
/// order of their DWARF numbers, 8 bytes each, and as many bytes from the stack pointer on as could be read, <see cref="MaxStack"/> at
/// most. Where no thread of a program runs the handler, <see cref="NoProcess"/> and the name of the probe point.
/// </summary>
public static class StackRecord
{
    /// <summary>Stands for the id where there is no process.</summary>
    public const long NoProcess = 0;

    /// <summary>
    /// The stack is read in steps of so many bytes: less of it than a step before its end, where a read would fail, is not seen.
    /// </summary>
    public const int Step = 512;

    /// <summary>The most of a stack that is taken: with the registers it fits the smallest output buffer.</summary>
    public const int MaxStack = 15 * Step;

    /// <summary>The most that all of it takes in an item.</summary>
    public const int MaxBytes = 16 + (33 * 8) + MaxStack;
}
