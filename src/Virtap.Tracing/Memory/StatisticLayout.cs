using Virtap.Language.Binding.Tree;

namespace Virtap.Tracing.Memory;

/// <summary>
/// What is kept of an aggregate's values: 64-bit words, of which those are left out that the script never asks for. All zeros are an
/// aggregate without values.
/// <code>
/// +0 count  +8 sum  [minimum  maximum]  [mean  sum of squares]  [average, to sort by]  buckets…
/// </code>
/// Mean and sum of squared differences from it are Welford's, in integers, of values shifted left by <see cref="VarianceShift"/>.
/// <para>
/// An aggregate that is an array's element lies in its entry. A scalar one has a part in each context, at the same place in all of them:
/// a handler owns its context while it runs, so adding to its part takes no lock and no atomic instruction, and who reads the aggregate
/// adds up all parts.
/// </para>
/// </summary>
/// <param name="HasExtremes">Whether minimum and maximum are kept.</param>
/// <param name="VarianceShift">The shift of the values of which the variance is kept; null for none.</param>
/// <param name="HasSortWord">Whether there is a word that arrays are sorted by.</param>
/// <param name="Histogram">The histogram's buckets; null for none.</param>
public sealed record StatisticLayout(bool HasExtremes, int? VarianceShift, bool HasSortWord, HistogramShape? Histogram)
{
    public const int CountAt = 0;
    public const int SumAt = 8;
    public const int MinimumAt = 16;
    public const int MaximumAt = 24;

    /// <summary>Where the mean of the shifted values is.</summary>
    public int MeanAt => HasExtremes ? 32 : 16;

    /// <summary>Where the sum of squares is.</summary>
    public int SquaresAt => MeanAt + 8;

    /// <summary>Where the average is that an array is sorted by.</summary>
    public int SortAt => MeanAt + (VarianceShift is null ? 0 : 16);

    /// <summary>Where the buckets begin; the length of what comes before them.</summary>
    public int BucketsAt => SortAt + (HasSortWord ? 8 : 0);

    /// <summary>How many buckets there are.</summary>
    public int BucketCount => Histogram is null ? 0 : HistogramBuckets.CountOf(Histogram);

    /// <summary>All of it.</summary>
    public int Bytes => BucketsAt + (BucketCount * 8);
}

/// <summary>
/// Which bucket a value falls into, the same in every machine. Of a logarithmic histogram there are 128: number 64 for zero, 64 + n for
/// values of n bits, 64 - n for negative ones. Of a linear one they begin at the histogram's start, with one in front for what is below
/// and one at the end for what is above.
/// </summary>
public static class HistogramBuckets
{
    /// <summary>The most buckets that a histogram can have (SystemTap's STP_MAX_BUCKETS).</summary>
    public const int Max = 128;

    /// <summary>The logarithmic histogram's bucket of zero.</summary>
    public const int Zero = 64;

    /// <summary>How many buckets a histogram has.</summary>
    public static int CountOf(HistogramShape shape) =>
        shape.Step is { } step ? (int)(((shape.Stop - shape.Start) / step) + 3) : Max;

    /// <summary>The bucket of a value.</summary>
    public static int Of(HistogramShape shape, long value)
    {
        if (shape.Step is { } step)
        {
            long above = unchecked(value - shape.Start);
            return above < 0 ? 0 : (int)Math.Min((above / step) + 1, CountOf(shape) - 1);
        }

        if (value == 0)
            return Zero;
        int bits = 64 - System.Numerics.BitOperations.LeadingZeroCount(value < 0 ? 0 - (ulong)value : (ulong)value);
        return value < 0 ? Zero - bits : Zero + bits;
    }

    /// <summary>
    /// The value that stands for a bucket: its lower bound, of negative logarithmic ones the upper; of the buckets for what is below or
    /// above, the bound that was passed.
    /// </summary>
    public static long ValueOf(HistogramShape shape, int bucket)
    {
        if (shape.Step is { } step)
        {
            int inner = Math.Clamp(bucket - 1, 0, CountOf(shape) - 3);
            return shape.Start + (inner * step);
        }

        return bucket switch
        {
            Zero => 0,
            < Zero => long.MinValue >> bucket,
            _ => 1L << (bucket - Zero - 1),
        };
    }
}
