namespace Virtap.Tracing.Memory;

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
