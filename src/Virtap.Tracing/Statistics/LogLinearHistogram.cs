using System.Numerics;

namespace Virtap.Tracing.Statistics;

/// <summary>
/// Counts of numbers from 0 up in buckets that grow with them: 32 of equal width to each power of two (as HdrHistogram has it), so that a
/// bucket's ends differ by less than <see cref="RelativeError"/> of it, and numbers below 64 are exact. Histograms add up: counts of the
/// same bucket are added. A script computes the same bucket in six comparisons (examples/latency.stp).
/// </summary>
public sealed class LogLinearHistogram
{
    /// <summary>A bucket's width as a part of its lower end, at most.</summary>
    public const double RelativeError = 1.0 / SubBuckets;

    /// <summary>Buckets that all numbers from 0 to <see cref="long.MaxValue"/> fall into.</summary>
    public const int BucketCount = (62 - SubBits) * SubBuckets + (2 * SubBuckets);

    private const int SubBits = 5;
    private const int SubBuckets = 1 << SubBits;

    private readonly SortedDictionary<int, long> _counts = [];

    /// <summary>How many numbers were counted.</summary>
    public long Count { get; private set; }

    /// <summary>The highest number that may have been counted; 0 for none.</summary>
    public long Maximum => _counts.Count == 0 ? 0 : HighestOf(_counts.Keys.Last());

    /// <summary>The buckets that hold something, from the lowest.</summary>
    public IEnumerable<HistogramBucket> Buckets =>
        _counts.Select(each => new HistogramBucket(LowestOf(each.Key), HighestOf(each.Key), each.Value));

    /// <summary>The bucket of a number; of a negative one, the first.</summary>
    public static int BucketOf(long number)
    {
        number = Math.Max(number, 0);
        int shift = Math.Max(BitOperations.Log2((ulong)number) - SubBits, 0);
        return (shift * SubBuckets) + (int)(number >> shift);
    }

    /// <summary>The lowest number in a bucket.</summary>
    public static long LowestOf(int bucket)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bucket);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(bucket, BucketCount);
        int shift = ShiftOf(bucket);
        return (bucket - ((long)shift * SubBuckets)) << shift;
    }

    /// <summary>The highest number in a bucket.</summary>
    public static long HighestOf(int bucket) => LowestOf(bucket) + (1L << ShiftOf(bucket)) - 1;

    /// <summary>Counts a number.</summary>
    public void Add(long number) => AddToBucket(BucketOf(number), 1);

    /// <summary>Adds to the count of a bucket.</summary>
    public void AddToBucket(int bucket, long count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bucket);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(bucket, BucketCount);
        if (count == 0)
            return;
        _counts[bucket] = _counts.GetValueOrDefault(bucket) + count;
        Count += count;
    }

    /// <summary>Adds what another histogram has counted.</summary>
    public void Add(LogLinearHistogram other)
    {
        ArgumentNullException.ThrowIfNull(other);
        foreach ((int bucket, long count) in other._counts.ToArray())
            AddToBucket(bucket, count);
    }

    /// <summary>What this one has counted since it was as an earlier one.</summary>
    public LogLinearHistogram Since(LogLinearHistogram earlier)
    {
        ArgumentNullException.ThrowIfNull(earlier);
        var difference = new LogLinearHistogram();
        foreach ((int bucket, long count) in _counts)
            difference.AddToBucket(bucket, count - earlier._counts.GetValueOrDefault(bucket));
        return difference;
    }

    /// <summary>
    /// The number that a part of those counted does not exceed: the highest of its bucket, so never less than the true one, and more by
    /// <see cref="RelativeError"/> at most.
    /// </summary>
    /// <param name="part">From 0 to 1: 0.99 for the 99th percentile.</param>
    public long Percentile(double part)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(part, 0);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(part, 1);
        long wanted = Math.Max((long)Math.Ceiling(part * Count), 1);
        long sum = 0;
        foreach ((int bucket, long count) in _counts)
        {
            sum += count;
            if (sum >= wanted)
                return HighestOf(bucket);
        }

        return 0;
    }

    /// <summary>The counts in wider buckets: each power of two in so many parts.</summary>
    /// <param name="parts">1, 2, 4, 8, 16 or 32.</param>
    /// <returns>All from the first that holds something to the last, those between that are empty too.</returns>
    public IReadOnlyList<HistogramBucket> Merge(int parts)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(BitOperations.IsPow2(parts) && parts <= SubBuckets, true, nameof(parts));
        if (_counts.Count == 0)
            return [];
        int width = SubBuckets / parts;
        int first = _counts.Keys.First() / width, last = _counts.Keys.Last() / width;
        long[] counts = new long[last - first + 1];
        foreach ((int bucket, long count) in _counts)
            counts[(bucket / width) - first] += count;
        return [.. counts.Select(
            (count, i) => new HistogramBucket(LowestOf((first + i) * width), HighestOf(((first + i + 1) * width) - 1), count))];
    }

    private static int ShiftOf(int bucket) => Math.Max((bucket / SubBuckets) - 1, 0);
}

/// <summary>A bucket of a histogram.</summary>
/// <param name="Lowest">The lowest number that falls into it.</param>
/// <param name="Highest">The highest.</param>
/// <param name="Count">How many did.</param>
public readonly record struct HistogramBucket(long Lowest, long Highest, long Count);
