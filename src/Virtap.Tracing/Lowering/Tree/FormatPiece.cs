using Virtap.Language.Binding.Tree;

namespace Virtap.Tracing.Lowering.Tree;

/// <summary>A piece of a format: literal text, or one conversion with its argument.</summary>
public abstract record FormatPiece;

/// <summary>Text as it stands. <paramref name="Offset"/> is where it lies in memory as a string, for the machines that build strings there.</summary>
public sealed record LiteralPiece(string Text, int Offset) : FormatPiece;

/// <summary>
/// One conversion. Width and precision are null where not given; a negative width from an argument means left-justified, as in C.
/// Exactly one of <paramref name="Long"/> and <paramref name="String"/> is set.
/// </summary>
public sealed record ConversionPiece(
    FormatConversion Conversion,
    FormatFlags Flags,
    LongExpression? Width,
    LongExpression? Precision,
    LongExpression? Long,
    StringExpression? String) : FormatPiece;
