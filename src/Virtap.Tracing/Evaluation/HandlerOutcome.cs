namespace Virtap.Tracing.Evaluation;

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
