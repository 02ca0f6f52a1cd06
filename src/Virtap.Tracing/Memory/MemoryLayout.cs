namespace Virtap.Tracing.Memory;

/// <summary>
/// Where everything of a session lies in its one flat memory: session cells, context claims, literals, globals, arrays, contexts.
/// A string is its bytes, a zero, and zeros up to at least eight after the last byte, in a slot of <see cref="StringBytes"/>: so strings are
/// compared, hashed and copied in 8-byte words.
/// </summary>
public sealed record MemoryLayout
{
    /// <summary>MAXSTRINGLEN: bytes of a string with its terminating zero.</summary>
    public required int MaxStringLength { get; init; }

    /// <summary>Bytes that a string's slot takes: MAXSTRINGLEN rounded up to 8, and 8 more.</summary>
    public int StringBytes => ((MaxStringLength + 7) & ~7) + 8;

    /// <summary>Offset of the words, one of 64 bytes per CPU, whose low bits say which of the CPU's contexts are taken.</summary>
    public required int ClaimsOffset { get; init; }

    /// <summary>CPUs that have contexts (a hit on CPU c uses the ones of c modulo this).</summary>
    public required int CpuCount { get; init; }

    /// <summary>Contexts per CPU: a preempted handler keeps its own while another runs.</summary>
    public required int ContextsPerCpu { get; init; }

    /// <summary>Offset of the first context; CPU c's context i is number c * ContextsPerCpu + i; one more, the last, belongs to this process.</summary>
    public required int ContextsOffset { get; init; }

    /// <summary>Bytes of one context: cells, error text, output buffer, slots. A multiple of 64.</summary>
    public required int ContextBytes { get; init; }

    /// <summary>Offset of the output buffer in a context.</summary>
    public required int OutputOffset { get; init; }

    /// <summary>Bytes of the output buffer; a handler's records are sent together, or when it is full.</summary>
    public required int OutputBytes { get; init; }

    /// <summary>Bytes in use, from offset 0.</summary>
    public required int Bytes { get; init; }

    /// <summary>Bytes that masked addresses reach: a power of two, at least <see cref="Bytes"/>.</summary>
    public int AddressableBytes => (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)Bytes);

    /// <summary>What an access may reach past a masked address; the memory is longer than <see cref="AddressableBytes"/> by this.</summary>
    public const int Slack = 65536;

    /// <summary>Offset of the context in which this process runs begin, end and timer handlers.</summary>
    public int OwnContextOffset => ContextsOffset + (CpuCount * ContextsPerCpu * ContextBytes);

    /// <summary>Every array, for printing and checking.</summary>
    public required IReadOnlyList<ArrayLayout> Arrays { get; init; }
}
