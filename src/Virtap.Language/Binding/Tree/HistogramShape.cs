namespace Virtap.Language.Binding.Tree;

/// <summary>The buckets of a histogram. All histograms that a script takes of one aggregate have the same.</summary>
/// <param name="Start">The first bucket's lower bound; 0 for the logarithmic histogram.</param>
/// <param name="Stop">No bucket begins above this; 0 for the logarithmic histogram.</param>
/// <param name="Step">Each bucket's width; null for the logarithmic histogram, whose bounds are the powers of two.</param>
public sealed record HistogramShape(long Start, long Stop, long? Step)
{
    /// <summary>The most buckets of a linear histogram, without those for what is below and above (SystemTap's limit).</summary>
    public const int MostInner = 126;

    /// <summary><c>@hist_log</c></summary>
    public static HistogramShape Logarithmic { get; } = new(0, 0, null);
}
