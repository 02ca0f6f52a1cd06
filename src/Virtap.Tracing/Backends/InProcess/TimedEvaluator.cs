using System.Diagnostics;
using Virtap.Tracing.Ir;
using Virtap.Tracing.Runtime;

namespace Virtap.Tracing.Backends.InProcess;

/// <summary>Runs handlers, and keeps how often each ran and for how long, where somebody asked (-t).</summary>
/// <param name="evaluator">What runs them.</param>
/// <param name="isTimed">Whether somebody asked.</param>
internal sealed class TimedEvaluator(Evaluator evaluator, bool isTimed)
{
    private readonly Dictionary<LoweredHandler, (long Hits, long Ticks)>? _times = isTimed ? [] : null;

    /// <summary>Whether a probe's condition holds.</summary>
    public bool Holds(LongExpression condition) => evaluator.Holds(condition);

    /// <summary>Runs a handler.</summary>
    public void Run(LoweredHandler handler, IExecutionContext context)
    {
        long start = Stopwatch.GetTimestamp();
        evaluator.Run(handler, context);
        if (_times is null)
            return;
        (long hits, long ticks) = _times.GetValueOrDefault(handler);
        _times[handler] = (hits + 1, ticks + Stopwatch.GetTimestamp() - start);
    }

    /// <summary>How often a handler ran, and for how long; zeros where nobody asked.</summary>
    public HandlerTimes Of(LoweredHandler handler)
    {
        (long hits, long ticks) = _times?.GetValueOrDefault(handler) ?? default;
        return new HandlerTimes(hits, (long)(ticks * (1e9 / Stopwatch.Frequency)));
    }
}
