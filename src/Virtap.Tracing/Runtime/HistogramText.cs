using System.Globalization;
using System.Runtime.InteropServices;
using Virtap.Language.Binding.Tree;
using Virtap.Tracing.Ir;
using Virtap.Tracing.Memory;

namespace Virtap.Tracing.Runtime;

/// <summary>
/// Draws a histogram as SystemTap does: a line for each bucket from two before the first that holds something to two behind the last,
/// with a bar of so many signs at most and the count; empty buckets far from others are elided.
/// </summary>
public static class HistogramText
{
    /// <summary>So many empty buckets are drawn at either end.</summary>
    private const int Margin = 2;

    /// <summary>Draws one.</summary>
    /// <param name="sink">Where to.</param>
    /// <param name="shape">Its buckets.</param>
    /// <param name="drawing">How wide, and what is left out.</param>
    /// <param name="bytes">The counts, a word each; as many as there are.</param>
    public static void Draw<TSink>(ref TSink sink, HistogramShape shape, HistogramDrawing drawing, ReadOnlySpan<byte> bytes)
        where TSink : ITextSink, allows ref struct
    {
        (int width, int elision) = drawing;
        ReadOnlySpan<long> counts = MemoryMarshal.Cast<byte, long>(bytes);
        (int first, int last) = Range(shape, counts);
        long highest = 0;
        foreach (long count in counts)
            highest = Math.Max(highest, count);
        long scale = highest <= width ? 1 : (highest + width - 1) / width;
        int countColumns = Columns(highest);
        int valueColumns = ValueColumns(shape, first, last);

        Pad(ref sink, valueColumns, "value"u8);
        sink.Append(" |"u8);
        sink.Fill((byte)'-', width);
        sink.Append(" count\n"u8);
        bool isEliding = false;
        for (int bucket = first; bucket <= last; bucket++)
        {
            if (elision >= 0
                && counts[Math.Max(bucket - elision, first)..(Math.Min(bucket + elision, last) + 1)].IndexOfAnyExcept(0) < 0)
            {
                isEliding = true;
                continue;
            }

            if (isEliding)
            {
                sink.Fill((byte)' ', valueColumns);
                sink.Append(" ~\n"u8);
                isEliding = false;
            }

            Pad(ref sink, valueColumns, Label(shape, bucket));
            sink.Append(" |"u8);
            int bar = (int)(counts[bucket] / scale);
            sink.Fill((byte)'@', bar);
            Pad(ref sink, width - bar + 1 + countColumns, Digits(counts[bucket]));
            sink.Append("\n"u8);
        }

        sink.Append("\n"u8);
    }

    /// <summary>The buckets that are drawn; a linear histogram's for what is below or above only where they hold something.</summary>
    private static (int First, int Last) Range(HistogramShape shape, ReadOnlySpan<long> counts)
    {
        bool isLinear = shape.Step is not null;
        int first = counts.IndexOfAnyExceptInRange(long.MinValue, 0);
        int last = Math.Max(counts.LastIndexOfAnyExceptInRange(long.MinValue, 0), 0);
        for (int i = 0; i < Margin; i++)
        {
            // A logarithmic histogram without negative values begins at zero.
            if (first > 0 && (isLinear || first != HistogramBuckets.Zero))
                first--;
            if (last < counts.Length - 1)
                last++;
        }

        first = Math.Max(first, 0);
        if (isLinear && first == 0 && counts[0] == 0)
            first++;
        if (isLinear && last == counts.Length - 1 && counts[last] == 0)
            last--;
        return (first, last);
    }

    private static int ValueColumns(HistogramShape shape, int first, int last)
    {
        int width = "value".Length;
        if (shape.Step is not { } step)
        {
            return Math.Max(
                width, Math.Max(Columns(HistogramBuckets.ValueOf(shape, last)), Columns(HistogramBuckets.ValueOf(shape, first))));
        }

        int below = first == 0 ? 1 : 0, above = last == HistogramBuckets.CountOf(shape) - 1 ? 1 : 0;
        return Math.Max(width, Math.Max(Columns(shape.Start) + below, Columns(shape.Start + (step * last)) + above));
    }

    private static byte[] Label(HistogramShape shape, int bucket)
    {
        byte[] value = Digits(HistogramBuckets.ValueOf(shape, bucket));
        if (shape.Step is null)
            return value;
        return bucket == 0 ? [(byte)'<', .. value] : bucket == HistogramBuckets.CountOf(shape) - 1 ? [(byte)'>', .. value] : value;
    }

    private static int Columns(long number) => Digits(number).Length;

    private static byte[] Digits(long number) =>
        System.Text.Encoding.ASCII.GetBytes(number.ToString(CultureInfo.InvariantCulture));

    private static void Pad<TSink>(ref TSink sink, int columns, ReadOnlySpan<byte> text)
        where TSink : ITextSink, allows ref struct
    {
        sink.Fill((byte)' ', columns - text.Length);
        sink.Append(text);
    }
}
