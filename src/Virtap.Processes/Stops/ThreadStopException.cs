using System.Globalization;

namespace Virtap.Processes.Stops;

/// <summary>Why a thread could not be stopped.</summary>
public enum ThreadStopFailure
{
    /// <summary>It has ended, or was killed just now.</summary>
    Ended,

    /// <summary>This process may not: that takes root, CAP_SYS_PTRACE, or the same user where the system allows it.</summary>
    Denied,

    /// <summary>Another process traces it, a debugger for instance: the kernel allows one.</summary>
    Traced,

    /// <summary>It sleeps in the kernel where no signal reaches it, and has not woken in time.</summary>
    Uninterruptible,

    /// <summary>It runs code of 32 bits.</summary>
    OtherWidth,
}

/// <summary>A thread could not be stopped.</summary>
/// <param name="failure">Why.</param>
/// <param name="processId">Its process.</param>
/// <param name="threadId">The thread.</param>
/// <param name="tracerId">The process that traces it, where that is the reason.</param>
public sealed class ThreadStopException(ThreadStopFailure failure, int processId, int threadId, int? tracerId = null)
    : Exception(string.Create(CultureInfo.InvariantCulture, $"thread {threadId} of process {processId} cannot be stopped: {failure}"))
{
    /// <summary>Why.</summary>
    public ThreadStopFailure Failure { get; } = failure;

    /// <summary>The thread.</summary>
    public int ThreadId { get; } = threadId;

    /// <summary>The process that traces it; null where that is not the reason.</summary>
    public int? TracerId { get; } = tracerId;
}
