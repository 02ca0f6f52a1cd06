using Virtap.Language;

namespace Virtap.Tracing.Memory;

/// <summary>
/// Where everything of a session lies in its one flat memory: session cells, context claims, literals, globals, arrays, contexts. A
/// string is its bytes, a zero, and zeros up to at least eight after the last byte, in a slot of <see cref="StringBytes"/>: so strings
/// are compared, hashed and copied in 8-byte words.
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

    /// <summary>
    /// Offset of the first context; CPU c's context i is number c * ContextsPerCpu + i; one more, the last, belongs to this process.
    /// </summary>
    public required int ContextsOffset { get; init; }

    /// <summary>Bytes of one context: cells, error text, output buffer, slots. A multiple of 64.</summary>
    public required int ContextBytes { get; init; }

    /// <summary>Offset of the output buffer in a context.</summary>
    public required int OutputOffset { get; init; }

    /// <summary>Bytes of the output buffer; a handler's records are sent together, or when it is full.</summary>
    public required int OutputBytes { get; init; }

    /// <summary>Offset in a context of the area where recursive calls save the slots of those under way: behind all slots.</summary>
    public int SavedOffset { get; init; }

    /// <summary>Bytes in use, from offset 0.</summary>
    public required int Bytes { get; init; }

    /// <summary>
    /// Up to so many bytes the memory is a power of two, so that a machine may mask offsets. What is not storage of arrays lies within it
    /// where a machine asks for that (<see cref="MemoryLimits.MaxFixedBytes"/>).
    /// </summary>
    public const int MaskedBytes = 1 << 28;

    /// <summary>Whether it is larger, and offsets have to be compared.</summary>
    public bool IsLarge => Bytes > MaskedBytes;

    /// <summary>Bytes that offsets reach, at least <see cref="Bytes"/>: a power of two, or whole pages where it is large.</summary>
    public int AddressableBytes =>
        IsLarge ? (Bytes + 4095) & ~4095 : (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)Bytes);

    /// <summary>What an access may reach past an address; the memory is longer than <see cref="AddressableBytes"/> by this.</summary>
    public const int Slack = 65536;

    /// <summary>
    /// What the verifier has to see behind <see cref="AddressableBytes"/>: an address within a context is a masked one and an offset in
    /// it, and a context of many or of long strings is larger than <see cref="Slack"/>. Whole pages.
    /// </summary>
    public int GuardBytes => ContextBytes <= Slack / 2 ? Slack : Slack + ((ContextBytes + 4095) & ~4095);

    /// <summary>All contexts: those of the CPUs, and this process's.</summary>
    public int ContextCount => (CpuCount * ContextsPerCpu) + 1;

    /// <summary>Offset of the context in which this process runs begin, end and timer handlers.</summary>
    public int OwnContextOffset => ContextsOffset + ((ContextCount - 1) * ContextBytes);

    /// <summary>First byte after the contexts. Buckets and entries of arrays lie behind it.</summary>
    public int StorageOffset => OwnContextOffset + ContextBytes;

    /// <summary>Every array, for printing and checking.</summary>
    public required IReadOnlyList<ArrayLayout> Arrays { get; init; }

    /// <summary>The bytes of a text as a string keeps them: up to a zero, and at most MAXSTRINGLEN - 1.</summary>
    public static ReadOnlySpan<byte> ContentOf(string text, int maxStringLength)
    {
        ReadOnlySpan<byte> bytes = ByteText.GetBytes(text);
        int end = bytes.IndexOf((byte)0);
        return bytes[..Math.Min(end < 0 ? bytes.Length : end, maxStringLength - 1)];
    }
}

/// <summary>
/// Bytes that memory holds at an offset before the session starts; everything else is zero. <paramref name="IsConstant"/> says that no
/// handler ever changes
/// them (literals, tables), so a machine may build them into its code.
/// </summary>
public readonly record struct InitialBytes(int Offset, ReadOnlyMemory<byte> Bytes, bool IsConstant = false);
