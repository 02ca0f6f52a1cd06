using Virtap.Tracing.Memory;

namespace Virtap.Tracing.Backends.Ebpf.Emission;

/// <summary>
/// How far programs reach into the map that is the session's memory: the verifier follows an index into a map up to 2^29
/// (BPF_MAX_VAR_OFF, Linux 5.15 to 6.18), what an instruction adds to it included. Up to <see cref="MemoryLayout.MaskedBytes"/>, a power of
/// two below that, indices are masked.
/// </summary>
internal static class VerifierReach
{
    /// <summary>
    /// A larger memory is reached from two fixed offsets in it, its start and this one, by indices that are compared, not masked: each up
    /// to the verifier's 2^29, less what is added to a pointer for a string's length.
    /// </summary>
    public const int NearBytes = (1 << 29) - (2 * MemoryLayout.Slack);

    /// <summary>What is reached from the second offset: its index may be as large.</summary>
    private const int FarBytes = NearBytes;

    /// <summary>
    /// Contexts and all else that is not storage of arrays are reached from the start alone, by a mask. What one print of three of the
    /// longest strings takes fits into the buffer, and the ring has room for many.
    /// </summary>
    public static MemoryLimits Limits => new((long)NearBytes + FarBytes, MemoryLayout.MaskedBytes, MaxOutputBytes: 65536);
}
