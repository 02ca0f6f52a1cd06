namespace Virtap.Tracing.Statistics;

/// <summary>A bucket of a histogram.</summary>
/// <param name="Lowest">The lowest number that falls into it.</param>
/// <param name="Highest">The highest.</param>
/// <param name="Count">How many did.</param>
public readonly record struct HistogramBucket(long Lowest, long Highest, long Count);
