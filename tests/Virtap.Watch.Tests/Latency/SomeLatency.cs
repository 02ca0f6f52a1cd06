using Virtap.Tracing.Statistics;
using Virtap.Watch.Latency;

namespace Virtap.Watch.Tests.Latency;

/// <summary>A queue's latencies, to be measured against and to be shown.</summary>
internal static class SomeLatency
{
    public static QueueLatency Queue { get; } = new()
    {
        Queue = 0,
        Other = Timings.None,
        Reads = Of(10_000, 10_100, 20_000),
        Writes = Of(1_000_000),
        Notice = Of(500, 700),
        Decisions = 4,
        Unasked = 2,
        Waiting = 0,
        Unknown = 1,
        Lost = 0,
    };

    public static Timings Of(params long[] times)
    {
        var histogram = new LogLinearHistogram();
        foreach (long time in times)
            histogram.Add(time);
        return new Timings(histogram, times.Sum(), times.Max());
    }
}
