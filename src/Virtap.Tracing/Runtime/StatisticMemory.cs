using Virtap.Tracing.Memory;

namespace Virtap.Tracing.Runtime;

/// <summary>
/// Aggregates in a session's memory: adding values, and adding up the parts that a scalar one has in the contexts. What the eBPF programs
/// do, here in C#.
/// </summary>
/// <param name="memory">The memory.</param>
/// <param name="layout">What is kept of each.</param>
public readonly struct StatisticMemory(FlatMemory memory, StatisticLayout layout)
{
    /// <summary>Adds a value to the one at an offset.</summary>
    public void Add(long at, long value)
    {
        long count = ++Word(at, StatisticLayout.CountAt);
        Word(at, StatisticLayout.SumAt) += value;
        if (layout.HasExtremes)
        {
            ref long minimum = ref Word(at, StatisticLayout.MinimumAt), maximum = ref Word(at, StatisticLayout.MaximumAt);
            minimum = count == 1 ? value : Math.Min(minimum, value);
            maximum = count == 1 ? value : Math.Max(maximum, value);
        }

        if (layout.VarianceShift is int shift)
        {
            ref long mean = ref Word(at, layout.MeanAt);
            long scaled = value << shift, difference = unchecked(scaled - mean);
            mean += difference / count;
            Word(at, layout.SquaresAt) += unchecked(difference * (scaled - mean));
        }

        if (layout.Histogram is { } histogram)
            Word(at, layout.BucketsAt + (HistogramBuckets.Of(histogram, value) * 8))++;
    }

    /// <summary>
    /// Writes the sum of all contexts' parts to an offset. The variance is that of the total, as SystemTap computes it from those of the
    /// parts and the distances of their means from the total's.
    /// </summary>
    /// <param name="into">Where to.</param>
    /// <param name="part">Where in a context the part is.</param>
    /// <param name="contexts">Where the contexts are.</param>
    public void Merge(long into, int part, MemoryLayout contexts)
    {
        Clear(into);
        for (int i = 0; i < contexts.ContextCount; i++)
            AddPart(into, PartOf(contexts, i, part));
        long count = Word(into, StatisticLayout.CountAt);
        if (layout.VarianceShift is not int shift || count == 0)
            return;
        long mean = (Word(into, StatisticLayout.SumAt) << shift) / count, squares = 0;
        for (int i = 0; i < contexts.ContextCount; i++)
        {
            long at = PartOf(contexts, i, part), n = Word(at, StatisticLayout.CountAt);
            if (n == 0)
                continue;
            long distance = unchecked(Word(at, layout.MeanAt) - mean);
            squares += unchecked(n * distance * distance);
            if (n > 1)
                squares += unchecked((n - 1) * (Word(at, layout.SquaresAt) / (n - 1)));
        }

        (Word(into, layout.MeanAt), Word(into, layout.SquaresAt)) = (mean, squares);
    }

    /// <summary>What the one at an offset comes to.</summary>
    public StatisticSummary Summary(long at)
    {
        long count = Word(at, StatisticLayout.CountAt), sum = Word(at, StatisticLayout.SumAt);
        return new StatisticSummary(count, sum, Word(at, StatisticLayout.MinimumAt), Word(at, StatisticLayout.MaximumAt));
    }

    /// <summary>What the parts in all contexts come to together.</summary>
    public StatisticSummary Total(int part, MemoryLayout contexts)
    {
        var total = new StatisticSummary(0, 0, long.MaxValue, long.MinValue);
        for (int i = 0; i < contexts.ContextCount; i++)
        {
            StatisticSummary each = Summary(PartOf(contexts, i, part));
            if (each.Count > 0)
                total = total.Plus(each);
        }

        return total;
    }

    /// <summary>Empties every context's part.</summary>
    public void ClearParts(int part, MemoryLayout contexts)
    {
        for (int i = 0; i < contexts.ContextCount; i++)
            Clear(PartOf(contexts, i, part));
    }

    /// <summary>The counts of the buckets of the one at an offset.</summary>
    public ReadOnlySpan<byte> Buckets(long at) => memory.Bytes(at + layout.BucketsAt, layout.BucketCount * 8);

    /// <summary>A word of the one at an offset.</summary>
    public ref long Word(long at, int word) => ref memory.Word(at + word);

    private static long PartOf(MemoryLayout contexts, int context, int part) =>
        contexts.ContextsOffset + ((long)context * contexts.ContextBytes) + part;

    private void Clear(long at) => memory.Bytes(at, layout.Bytes).Clear();

    private void AddPart(long into, long part)
    {
        long count = Word(part, StatisticLayout.CountAt);
        if (count == 0)
            return;
        if (layout.HasExtremes)
        {
            bool isFirst = Word(into, StatisticLayout.CountAt) == 0;
            ref long minimum = ref Word(into, StatisticLayout.MinimumAt), maximum = ref Word(into, StatisticLayout.MaximumAt);
            long partMinimum = Word(part, StatisticLayout.MinimumAt), partMaximum = Word(part, StatisticLayout.MaximumAt);
            minimum = isFirst ? partMinimum : Math.Min(minimum, partMinimum);
            maximum = isFirst ? partMaximum : Math.Max(maximum, partMaximum);
        }

        Word(into, StatisticLayout.CountAt) += count;
        Word(into, StatisticLayout.SumAt) += Word(part, StatisticLayout.SumAt);
        for (int word = layout.BucketsAt; word < layout.Bytes; word += 8)
            Word(into, word) += Word(part, word);
    }
}

/// <summary>What is told of an aggregate whose extremes are kept.</summary>
/// <param name="Count">How many values it has got.</param>
/// <param name="Sum">Their sum.</param>
/// <param name="Minimum">The least of them; means nothing where there are none.</param>
/// <param name="Maximum">The greatest of them, likewise.</param>
public readonly record struct StatisticSummary(long Count, long Sum, long Minimum, long Maximum)
{
    /// <summary>Their mean, as an integer; there must be some.</summary>
    public long Average => Sum / Count;

    /// <summary>Those of two aggregates together.</summary>
    public StatisticSummary Plus(StatisticSummary other) => new(
        Count + other.Count, Sum + other.Sum, Math.Min(Minimum, other.Minimum), Math.Max(Maximum, other.Maximum));
}
