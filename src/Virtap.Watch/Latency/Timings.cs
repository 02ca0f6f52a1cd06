using Virtap.Tracing.Statistics;

namespace Virtap.Watch.Latency;

/// <summary>How long something took, each time. Nanoseconds.</summary>
/// <param name="Histogram">How often it took how long.</param>
/// <param name="Sum">All times together, exact.</param>
/// <param name="Max">The longest, or a number that it does not exceed.</param>
public sealed record Timings(LogLinearHistogram Histogram, long Sum, long Max)
{
    public static Timings None { get; } = new(new LogLinearHistogram(), 0, 0);

    public long Count => Histogram.Count;

    public double Mean => Count == 0 ? 0 : (double)Sum / Count;

    /// <summary>
    /// A time that a part of them does not exceed; as near as the histogram's buckets are wide, and never more than the longest.
    /// </summary>
    public long Percentile(double part) => Math.Min(Histogram.Percentile(part), Max);

    public static Timings operator +(Timings one, Timings other)
    {
        var histogram = new LogLinearHistogram();
        histogram.Add(one.Histogram);
        histogram.Add(other.Histogram);
        return new Timings(histogram, one.Sum + other.Sum, Math.Max(one.Max, other.Max));
    }

    /// <summary>Those that came after an earlier look. Which of them was the longest is known as near as the buckets are wide.</summary>
    public Timings Since(Timings earlier)
    {
        LogLinearHistogram histogram = Histogram.Since(earlier.Histogram);
        return new Timings(histogram, Sum - earlier.Sum, Math.Min(histogram.Maximum, Max));
    }
}
