using CsCheck;
using Virtap.Tracing.Statistics;
using Virtap.Tracing.Tests.Session;
using static Virtap.Tracing.Tests.Session.ScriptText;

namespace Virtap.Tracing.Tests.Statistics;

public class LogLinearHistogramTests
{
    /// <summary>Numbers of all sizes, not mostly large ones.</summary>
    private static readonly Gen<long> s_numbers = Gen.Select(Gen.Int[0, 62], Gen.Long[0, long.MaxValue], (bits, number) => number >> bits);

    private static LogLinearHistogram Of(IEnumerable<long> numbers)
    {
        var histogram = new LogLinearHistogram();
        foreach (long number in numbers)
            histogram.Add(number);
        return histogram;
    }

    [Fact]
    public void A_number_lies_in_its_bucket() => s_numbers.Sample(number =>
    {
        int bucket = LogLinearHistogram.BucketOf(number);
        return bucket < LogLinearHistogram.BucketCount && LogLinearHistogram.LowestOf(bucket) <= number
            && number <= LogLinearHistogram.HighestOf(bucket);
    });

    [Fact]
    public void Buckets_follow_one_another_without_a_gap()
    {
        for (int bucket = 1; bucket < LogLinearHistogram.BucketCount; bucket++)
            Assert.Equal(LogLinearHistogram.HighestOf(bucket - 1) + 1, LogLinearHistogram.LowestOf(bucket));
        Assert.Equal(0, LogLinearHistogram.LowestOf(0));
        Assert.Equal(long.MaxValue, LogLinearHistogram.HighestOf(LogLinearHistogram.BucketCount - 1));
    }

    [Fact]
    public void A_bucket_is_no_wider_than_the_error_that_is_stated()
    {
        for (int bucket = 0; bucket < LogLinearHistogram.BucketCount; bucket++)
        {
            long lowest = LogLinearHistogram.LowestOf(bucket), width = LogLinearHistogram.HighestOf(bucket) - lowest + 1;
            Assert.True(lowest < 64 ? width == 1 : width <= lowest / (int)(1 / LogLinearHistogram.RelativeError), $"{lowest} + {width}");
        }
    }

    [Fact]
    public void A_percentile_is_never_below_the_true_one_and_above_it_by_no_more_than_the_error() =>
        Gen.Select(s_numbers.Select(n => n >> 10).Array[1, 200], Gen.Double[0, 1]).Sample((numbers, part) =>
        {
            Array.Sort(numbers);
            long truth = numbers[Math.Max((int)Math.Ceiling(part * numbers.Length), 1) - 1], told = Of(numbers).Percentile(part);
            return told >= truth && told - truth <= truth * LogLinearHistogram.RelativeError;
        });

    [Fact]
    public void Percentiles_rise_with_their_part() =>
        Gen.Select(s_numbers.Array[1, 50], Gen.Double[0, 1], Gen.Double[0, 1]).Sample((numbers, one, other) =>
    {
        LogLinearHistogram histogram = Of(numbers);
        return histogram.Percentile(Math.Min(one, other)) <= histogram.Percentile(Math.Max(one, other))
            && histogram.Percentile(1) == histogram.Maximum;
    });

    [Fact]
    public void Histograms_of_parts_add_up_to_that_of_the_whole_and_what_came_since_is_the_rest() =>
        Gen.Select(s_numbers.Array[0, 50], s_numbers.Array[0, 50]).Sample((first, second) =>
        {
            LogLinearHistogram sum = Of(first);
            sum.Add(Of(second));
            LogLinearHistogram whole = Of([.. first, .. second]);
            return sum.Count == whole.Count && sum.Buckets.SequenceEqual(whole.Buckets)
                && whole.Since(Of(first)).Buckets.SequenceEqual(Of(second).Buckets);
        });

    [Fact]
    public void Wider_buckets_hold_as_much_and_follow_one_another() =>
        Gen.Select(s_numbers.Array[1, 50], Gen.Int[0, 5]).Sample((numbers, power) =>
    {
        LogLinearHistogram histogram = Of(numbers);
        IReadOnlyList<HistogramBucket> rows = histogram.Merge(1 << power);
        return rows.Sum(r => r.Count) == histogram.Count
            && rows[0].Count > 0 && rows[^1].Count > 0
            && rows.Zip(rows.Skip(1)).All(pair => pair.First.Highest + 1 == pair.Second.Lowest)
            && numbers.All(n => rows[0].Lowest <= n && n <= rows[^1].Highest);
    });

    [Fact]
    public void Nothing_has_no_percentiles() =>
        Assert.Equal(
            (0, 0, 0, 0),
            (new LogLinearHistogram().Count, new LogLinearHistogram()
                .Percentile(0.99), new LogLinearHistogram().Maximum, new LogLinearHistogram().Merge(1).Count));

    /// <summary>The function of the scripts that count into such buckets.</summary>
    [Fact]
    public void Scripts_compute_the_same_buckets()
    {
        long[] numbers = [
            .. Enumerable.Range(0, 63)
            .SelectMany(bit => new[] { (1L << bit) - 1, 1L << bit, (1L << bit) + (1L << bit >> 1) }), long.MaxValue];
        string calls = string.Join('\n', numbers.Select(n => $"println(bucket({n}), \" \", highest(bucket({n})))"));
        Outcome outcome = Run($$"""
            {{FunctionOf("bucket")}}
            {{FunctionOf("highest")}}
            probe begin { {{calls}} exit() }
            """);
        Assert.Equal(
            numbers.Select(n => $"{LogLinearHistogram.BucketOf(n)} {LogLinearHistogram.HighestOf(LogLinearHistogram.BucketOf(n))}"),
            outcome.Output.TrimEnd().Split('\n'));
    }

    /// <summary>A function as examples/latency.stp has it.</summary>
    private static string FunctionOf(string name)
    {
        string folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Virtap.slnx")))
            folder = Path.GetDirectoryName(folder)!;
        string script = File.ReadAllText(Path.Combine(folder, "examples", "latency.stp"));
        int start = script.IndexOf($"function {name}(", StringComparison.Ordinal);
        return script[start..(script.IndexOf("\n}", start, StringComparison.Ordinal) + 2)];
    }
}
