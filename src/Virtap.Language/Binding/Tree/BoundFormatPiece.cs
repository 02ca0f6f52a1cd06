using Virtap.Language.Formats;
using Virtap.Language.Library;

namespace Virtap.Language.Binding.Tree;

/// <summary>A piece of a format: literal text, or one conversion with its argument.</summary>
public abstract record BoundFormatPiece;

/// <summary>Text as it stands.</summary>
public sealed record BoundFormatText(string Text) : BoundFormatPiece;

/// <summary>
/// One conversion; width and precision are null where not given, a <see cref="BoundLong"/> where written in the format, any number where
/// given as <c>*</c>.
/// </summary>
public sealed record BoundFormatConversion(
    FormatConversion Conversion,
    FormatFlags Flags,
    BoundExpression? Width,
    BoundExpression? Precision,
    BoundExpression Value) : BoundFormatPiece
{
    /// <summary>What of the place in the source is printed that <see cref="Value"/> is the address of; null for the value.</summary>
    public AddressPart? Address { get; init; }
}

/// <summary>The lines of a histogram: <c>print(@hist_log(x))</c>.</summary>
public sealed record BoundFormatHistogram(BoundHistogram Histogram) : BoundFormatPiece;

/// <summary>The stack of the thread that hit the probe.</summary>
/// <param name="Form">How it is printed.</param>
/// <param name="Point">The probe point, which is named where there is no thread of a program.</param>
public sealed record BoundFormatStack(StackForm Form, BoundTargetText Point) : BoundFormatPiece;

/// <summary>The buckets of a histogram. All histograms that a script takes of one aggregate have the same.</summary>
/// <param name="Start">The first bucket's lower bound; 0 for the logarithmic histogram.</param>
/// <param name="Stop">No bucket begins above this; 0 for the logarithmic histogram.</param>
/// <param name="Step">Each bucket's width; null for the logarithmic histogram, whose bounds are the powers of two.</param>
public sealed record HistogramShape(long Start, long Stop, long? Step)
{
    /// <summary>The most buckets of a linear histogram, without those for what is below and above (SystemTap's limit).</summary>
    public const int MaxInner = 126;

    /// <summary><c>@hist_log</c></summary>
    public static HistogramShape Logarithmic { get; } = new(0, 0, null);
}
