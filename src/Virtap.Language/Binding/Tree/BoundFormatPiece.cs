using Virtap.Language.Formats;

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
    BoundExpression Value) : BoundFormatPiece;

/// <summary>The lines of a histogram: <c>print(@hist_log(x))</c>.</summary>
public sealed record BoundFormatHistogram(BoundHistogram Histogram) : BoundFormatPiece;
