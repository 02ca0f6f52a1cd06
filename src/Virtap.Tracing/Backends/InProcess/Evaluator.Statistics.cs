using Virtap.Tracing.Ir;
using Virtap.Tracing.Memory;
using Virtap.Tracing.Runtime;

namespace Virtap.Tracing.Backends.InProcess;

/// <summary>Aggregates.</summary>
public sealed partial class Evaluator
{
    private StatisticMemory Open(StatisticLayout layout) => new(_memory, layout);

    private Flow AddToStatistic(AddToStatistic add)
    {
        long value = Evaluate(add.Value), at = OffsetOf(add.Target);
        if (_failing)
            return Flow.Fail;
        Open(add.Layout).Add(at, value);
        return Flow.Next;
    }

    private Flow MergeStatistic(MergeStatistic merge)
    {
        Open(merge.Layout).Merge(_own + merge.Into.Offset, merge.Part.Offset, _layout);
        return Flow.Next;
    }

    private Flow ClearStatistic(ClearStatistic clear)
    {
        Open(clear.Layout).ClearParts(clear.Part.Offset, _layout);
        return Flow.Next;
    }

    /// <summary>The counts of a histogram's buckets.</summary>
    private ReadOnlySpan<byte> BucketsOf(HistogramPiece piece) =>
        _memory.Bytes(OffsetOf(piece.Buckets), HistogramBuckets.CountOf(piece.Shape) * 8);

    /// <summary>A bucket's index is masked: a script may change its loop's variable.</summary>
    private ref long BucketAt(BucketOf bucket) =>
        ref _memory.Word(OffsetOf(bucket.Buckets) + ((Evaluate(bucket.Index) & (HistogramBuckets.Max - 1)) * 8));
}
