using Virtap.Language.Binding.Targets;

namespace Virtap.Tracing.Probes;

/// <summary>
/// A perf event: timer.profile, perf.sw, perf.hw and their like. It fires in whatever runs when the event has come so often.
/// </summary>
/// <param name="point">The probe point.</param>
/// <param name="hook">The event.</param>
/// <param name="filter">In whose processes it counts when it fires; null for whatever runs.</param>
/// <param name="counter">What <c>@perf</c> reads it by, in place of its firing; null where it fires.</param>
public sealed class SampleTarget(string point, PerfEventHook hook, ProcessFilter? filter = null, string? counter = null) : HandledTarget
{
    /// <inheritdoc/>
    public override HandlerKind Kind => HandlerKind.InTarget;

    /// <inheritdoc/>
    public override string Point { get; } = point;

    /// <inheritdoc/>
    public override string ProbeType => "perf";

    /// <inheritdoc/>
    public override string? CounterName => counter;

    /// <inheritdoc/>
    public override PerfEventHook Hook { get; } = hook;

    /// <inheritdoc/>
    public override ProcessFilter? Filter { get; } = filter;
}
