namespace Virtap.Tracing.Memory;

/// <summary>How much of a session's memory a machine reaches: of all the machines that a script may be for, the least counts.</summary>
/// <param name="MaxBytes">Bytes of the whole memory.</param>
/// <param name="MaxFixedBytes">Bytes of what is not storage of arrays: cells, globals, literals, contexts.</param>
/// <param name="MaxOutputBytes">Bytes that a context's output buffer may have where handlers write to it: a power of two.</param>
public readonly record struct MemoryLimits(long MaxBytes, long MaxFixedBytes, int MaxOutputBytes)
{
    /// <summary>What the layout itself allows: offsets, and what is added to them, are numbers of 32 bits with a sign.</summary>
    public static MemoryLimits OfLayout => new(1 << 30, 1 << 30, MemoryLayout.MaskedBytes);

    /// <summary>What lies within these limits and the others.</summary>
    public MemoryLimits And(MemoryLimits other) => new(
        Math.Min(MaxBytes, other.MaxBytes), Math.Min(MaxFixedBytes, other.MaxFixedBytes), Math.Min(MaxOutputBytes, other.MaxOutputBytes));
}
