namespace Virtap.Tracing.Backends.InProcess;

/// <summary>Where execution goes after a statement.</summary>
internal enum Flow
{
    /// <summary>To the next one.</summary>
    Next,

    /// <summary>Out of the innermost loop.</summary>
    Break,

    /// <summary>To the step of the innermost loop.</summary>
    Continue,

    /// <summary>Out of the function.</summary>
    Return,

    /// <summary>Out of the handler.</summary>
    Leave,

    /// <summary>To the innermost catch: an error has been raised.</summary>
    Fail,

    /// <summary>Out of the handler, of which nothing is to be seen: the lock could not be had.</summary>
    Skip,
}

/// <summary>How a handler ended.</summary>
public enum HandlerOutcome
{
    /// <summary>At its end, or where it said so.</summary>
    Completed,

    /// <summary>By an error that nothing in the script caught; it is reported and counted.</summary>
    Failed,

    /// <summary>Where it wanted the session's lock and could not have it; it printed nothing and is counted.</summary>
    Skipped,
}
