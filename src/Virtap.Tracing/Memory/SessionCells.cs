namespace Virtap.Tracing.Memory;

/// <summary>
/// The words at the start of a session's memory that every machine knows: byte offsets, each of a 64-bit word.
/// The bytes below <see cref="First"/> are all zero and stay so: offset 0 is at once the empty string, "no entry" and an entry whose
/// fields all read as zero, which is why reading an absent array element needs no branch.
/// </summary>
public static class SessionCells
{
    /// <summary>Bytes of zeros at offset 0. An array entry may not be longer: of the longest strings, it has a key and a value.</summary>
    public const int First = 36864;

    /// <summary>A <see cref="SessionState"/>: handlers run only while it is <see cref="SessionState.Running"/>.</summary>
    public const int State = First;

    /// <summary>Returns that the kernel did not catch, as it caught as many as it does of the thread's calls already.</summary>
    public const int MissedReturns = First + 8;

    /// <summary>Returns that found nothing kept of their beginning, for <c>@entry</c>.</summary>
    public const int LostEntries = First + 16;

    /// <summary>
    /// The lock that makes a handler run as if alone: 0 where it is free, <see cref="LockedByProcess"/>, or the offset of the context of
    /// the program that has it. On a cache line of its own.
    /// </summary>
    public const int Lock = First + 64;

    /// <summary>What the lock holds while this process has it.</summary>
    public const int LockedByProcess = 1;

    /// <summary>Handlers ended by an error (SystemTap's "Number of errors").</summary>
    public const int Errors = First + 128;

    /// <summary>Hits that gave up waiting for the lock (SystemTap's "skipped probes").</summary>
    public const int SkippedByLock = First + 136;

    /// <summary>Hits that found no free context, because too many handlers were preempted at once.</summary>
    public const int SkippedByContext = First + 144;

    /// <summary>Output records that did not fit into the ring buffer.</summary>
    public const int LostRecords = First + 152;

    /// <summary>Strings cut at MAXSTRINGLEN.</summary>
    public const int CutStrings = First + 160;

    /// <summary>CLOCK_REALTIME minus CLOCK_MONOTONIC, nanoseconds; refreshed by the session.</summary>
    public const int RealtimeOffset = First + 168;

    /// <summary>
    /// Time stamp counter ticks per nanosecond as a 32.32 fixed point number, for get_cycles() where the kernel offers no counter.
    /// </summary>
    public const int CyclesPerNanosecond = First + 176;

    /// <summary>The process id of target(), or 0.</summary>
    public const int Target = First + 184;

    /// <summary>Limit of <see cref="Errors"/> (MAXERRORS): one more stops the session.</summary>
    public const int MaxErrors = First + 192;

    /// <summary>Hits whose handler ran to its end or to an error; counted only where the session asks for it.</summary>
    public const int Hits = First + 200;

    /// <summary>The process that runs the session, and its user.</summary>
    public const int OwnProcess = First + 208;

    /// <inheritdoc cref="OwnProcess"/>
    public const int OwnUser = First + 216;

    /// <summary>How busy the machine is, in hundredths; refreshed by the session where the script asks. Two more words follow.</summary>
    public const int LoadOfMinute = First + 224;

    /// <summary>The first byte that the layout is free to give away.</summary>
    public const int End = First + 256;
}

/// <summary>What a session is doing; lives in <see cref="SessionCells.State"/>.</summary>
public enum SessionState
{
    /// <summary>Begin probes run; nothing else may.</summary>
    Starting = 0,

    /// <summary>Probes run.</summary>
    Running = 1,

    /// <summary>exit() was called, or the session was told to end: no new handler starts, those that run finish.</summary>
    Stopping = 2,

    /// <summary>Too many errors: no new handler starts; error probes run instead of end probes.</summary>
    Failed = 3,
}
