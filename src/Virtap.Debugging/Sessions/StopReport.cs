using Virtap.Debugging.Values;
using Virtap.Processes.Control;

namespace Virtap.Debugging.Sessions;

/// <summary>Why a process has stopped.</summary>
public enum StopReason
{
    /// <summary>It was at a breakpoint.</summary>
    Breakpoint,

    /// <summary>A value that is watched has changed.</summary>
    Watchpoint,

    /// <summary>The block is left whose variables were watched: the watchpoint is gone.</summary>
    WatchScopeLeft,

    /// <summary>It got a signal.</summary>
    Signal,

    /// <summary>It has gone as far as it was told to.</summary>
    Stepped,

    /// <summary>The function has returned.</summary>
    Finished,

    /// <summary>Somebody has asked it to.</summary>
    Interrupted,

    /// <summary>It has ended by itself.</summary>
    Exited,

    /// <summary>A signal has ended it.</summary>
    Killed,
}

/// <summary>That a process has stopped, and why.</summary>
/// <param name="Reason">Why.</param>
/// <param name="Thread">The thread that is meant; null where the process is gone.</param>
public sealed record StopReport(StopReason Reason, TracedThread? Thread)
{
    /// <summary>The breakpoint or watchpoint.</summary>
    public Breakpoint? Breakpoint { get; init; }

    /// <summary>A signal, or the exit status.</summary>
    public int Number { get; init; }

    /// <summary>The process, where it has ended; null where it has stopped.</summary>
    public int? EndedProcess { get; init; }

    /// <summary>Of a value that has changed: what it was and what it is, as text.</summary>
    public (string Old, string New) Change { get; init; }

    /// <summary>What a function has returned; null for nothing, or where it is not known.</summary>
    public Value? Returned { get; init; }

    /// <summary>Whether the thread is in the same frame as before: only the line has changed.</summary>
    public bool IsSameFrame { get; init; }

    /// <summary>Whether another thread is meant than before.</summary>
    public bool IsOtherThread { get; init; }

    /// <summary>What is wrong with the condition of the breakpoint; null where nothing is.</summary>
    public string? ConditionError { get; init; }
}
