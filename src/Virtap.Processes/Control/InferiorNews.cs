namespace Virtap.Processes.Control;

/// <summary>What has happened to a process that is debugged.</summary>
/// <param name="Thread">The thread that it has happened to, which stands still; null where the process is gone or nobody is meant.</param>
public abstract record InferiorNews(TracedThread? Thread);

/// <summary>A thread has run into a breakpoint, and stands at it.</summary>
public sealed record BreakpointNews(TracedThread Who, ulong Address) : InferiorNews(Who);

/// <summary>A thread has run one instruction.</summary>
public sealed record StepNews(TracedThread Who) : InferiorNews(Who);

/// <summary>A thread has got a signal; it gets it when it goes on, unless it is taken away.</summary>
public sealed record SignalNews(TracedThread Who, int Signal) : InferiorNews(Who);

/// <summary>A thread has stopped where a system call begins or ends; only in a family that asks for it.</summary>
public sealed record SystemCallNews(TracedThread Who, bool IsEntry) : InferiorNews(Who);

/// <summary>A thread is about to end; only in a family.</summary>
public sealed record EndingNews(TracedThread Who) : InferiorNews(Who);

/// <summary>A thread has been made; it goes on.</summary>
public sealed record ThreadBornNews(TracedThread Who) : InferiorNews(Who);

/// <summary>A thread has ended.</summary>
public sealed record ThreadEndedNews(TracedThread Who) : InferiorNews(Who);

/// <summary>
/// The process has made another, which is not debugged and has no breakpoints; in a family it is a member that stands still, with the
/// breakpoints of its parent.
/// </summary>
public sealed record ForkNews(TracedThread Who, int ChildId, bool IsVFork) : InferiorNews(Who);

/// <summary>The process runs another program, in which there are no breakpoints; its only thread stands at the beginning.</summary>
public sealed record ExecutedNews(TracedThread Who) : InferiorNews(Who);

/// <summary>The process has ended by itself.</summary>
public sealed record ExitNews(int Status) : InferiorNews((TracedThread?)null);

/// <summary>A signal has ended the process.</summary>
public sealed record KilledNews(int Signal) : InferiorNews((TracedThread?)null);

/// <summary>Somebody has asked that the process stops.</summary>
public sealed record InterruptedNews() : InferiorNews((TracedThread?)null);
