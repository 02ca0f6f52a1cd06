namespace Virtap.Tracing.Probes;

/// <summary>begin, end, error, never.</summary>
/// <param name="point">As the script has it.</param>
/// <param name="event">When it fires.</param>
/// <param name="order">Those of one event run in the order of this number, and equal ones in the script's order.</param>
public sealed class LifecycleTarget(string point, LifecycleEvent @event, long order) : HandledTarget
{
    /// <inheritdoc/>
    public override HandlerKind Kind => HandlerKind.Alone;

    /// <inheritdoc/>
    public override string ProbeType => "begin_end";

    /// <inheritdoc/>
    public override bool HasVariables => false;

    /// <inheritdoc/>
    public override string Point { get; } = point;

    /// <summary>When it fires.</summary>
    public LifecycleEvent Event { get; } = @event;

    /// <summary>Those of one event run in the order of this number, and equal ones in the script's order.</summary>
    public long Order { get; } = order;
}

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
