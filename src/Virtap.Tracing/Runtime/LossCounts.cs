using System.Runtime.InteropServices;
using Virtap.Tracing.Memory;

namespace Virtap.Tracing.Runtime;

/// <summary>Everything that a session lost or gave up.</summary>
public readonly record struct LossCounts
{
    /// <summary>Handlers ended by an error.</summary>
    public long Errors { get; init; }

    /// <summary>Hits that gave up waiting for the lock.</summary>
    public long SkippedByLock { get; init; }

    /// <summary>Hits that found no free context.</summary>
    public long SkippedByContext { get; init; }

    /// <summary>Hits that the kernel did not run the program for (its count of recursion misses); not in memory.</summary>
    public long MissedByKernel { get; init; }

    /// <summary>
    /// Returns that the kernel did not catch: it catches 64 of the calls that a thread has under way. Counted where the kernel shows its
    /// types (BTF).
    /// </summary>
    public long MissedReturns { get; init; }

    /// <summary>Returns of which <c>@entry</c> had nothing, and was 0 or "".</summary>
    public long LostEntries { get; init; }

    /// <summary>Ticks of timers that were due while the session did not run; not in memory.</summary>
    public long MissedTicks { get; init; }

    /// <summary>Records that did not fit into the ring.</summary>
    public long LostRecords { get; init; }

    /// <summary>Records that could not be understood (<see cref="RecordPrinter.CorruptRecords"/>); not in memory.</summary>
    public long CorruptRecords { get; init; }

    /// <summary>Strings cut at MAXSTRINGLEN.</summary>
    public long CutStrings { get; init; }

    /// <summary>Hits whose handler did not run, for whatever reason: SystemTap's "skipped probes".</summary>
    public long Skipped => SkippedByLock + SkippedByContext + MissedByKernel + MissedReturns;

    /// <summary>Reads what a session's memory has counted.</summary>
    public static LossCounts Read(ReadOnlySpan<byte> memory) => new()
    {
        Errors = Cell(memory, SessionCells.Errors),
        SkippedByLock = Cell(memory, SessionCells.SkippedByLock),
        SkippedByContext = Cell(memory, SessionCells.SkippedByContext),
        MissedReturns = Cell(memory, SessionCells.MissedReturns),
        LostEntries = Cell(memory, SessionCells.LostEntries),
        LostRecords = Cell(memory, SessionCells.LostRecords),
        CutStrings = Cell(memory, SessionCells.CutStrings),
    };

    private static long Cell(ReadOnlySpan<byte> memory, int offset) => MemoryMarshal.Read<long>(memory[offset..]);
}
