namespace Virtap.Bpf.Programs;

/// <summary>What the kernel says of a loaded program.</summary>
/// <param name="Id">Its id, as bpftool shows it.</param>
/// <param name="VerifiedInstructions">Instructions the verifier went through (5.16; 0 before).</param>
/// <param name="JitedLength">Bytes of machine code; 0 if it is interpreted.</param>
/// <param name="RunCount">Runs, while statistics were on (5.1; see <see cref="ProgramStatistics"/>).</param>
/// <param name="RunTime">Time spent in those runs, in nanoseconds.</param>
/// <param name="RecursionMisses">Hits lost because a program was already running on the processor (5.12).</param>
public readonly record struct ProgramInfo(
    uint Id,
    uint VerifiedInstructions,
    uint JitedLength,
    ulong RunCount,
    ulong RunTime,
    ulong RecursionMisses);
