namespace Virtap.Tracing.Probes;

/// <summary>What happens to a session itself.</summary>
public enum LifecycleEvent
{
    /// <summary>It starts; no other probe fires yet.</summary>
    Begin,

    /// <summary>It ends in good order; no other probe fires any more.</summary>
    End,

    /// <summary>It ends because of errors.</summary>
    Error,

    /// <summary>Nothing: a handler that is checked and never run.</summary>
    Never,
}
