namespace Virtap.Tracing.Probes;

/// <summary>A timer.</summary>
/// <param name="point">As the script has it.</param>
/// <param name="interval">Nanoseconds between two hits.</param>
/// <param name="randomization">Each interval is longer or shorter by up to so many nanoseconds, chosen anew each time.</param>
public sealed class TimerTarget(string point, long interval, long randomization) : HandledTarget
{
    /// <inheritdoc/>
    public override HandlerKind Kind => HandlerKind.InProcess;

    /// <inheritdoc/>
    public override string ProbeType => Point.StartsWith("timer.jiffies", StringComparison.Ordinal) ? "timer" : "hrtimer";

    /// <inheritdoc/>
    public override bool HasVariables => false;

    /// <inheritdoc/>
    public override string Point { get; } = point;

    /// <summary>Nanoseconds between two hits.</summary>
    public long Interval { get; } = interval;

    /// <summary>Each interval is longer or shorter by up to so many nanoseconds, chosen anew each time.</summary>
    public long Randomization { get; } = randomization;
}
