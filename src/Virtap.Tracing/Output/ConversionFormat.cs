using Virtap.Language.Binding.Tree;
using Virtap.Tracing.Lowering.Tree;

namespace Virtap.Tracing.Output;

/// <summary>One conversion of a format with its width and precision known.</summary>
/// <param name="Conversion">What is written.</param>
/// <param name="Flags">Its flags.</param>
/// <param name="Width">Columns; negative for left-justified, 0 for none.</param>
/// <param name="Precision">Digits or bytes; negative for none.</param>
public readonly record struct ConversionFormat(FormatConversion Conversion, FormatFlags Flags, long Width = 0, long Precision = -1)
{
    /// <summary>The most that a width or a precision counts for: the size of SystemTap's print buffer.</summary>
    public const int Most = 8192;

    /// <summary>Whether blanks go behind the text.</summary>
    public bool IsLeftJustified => Width < 0 || Flags.HasFlag(FormatFlags.LeftJustify);

    /// <summary>The width without its sign, within <see cref="Most"/>.</summary>
    public int Columns => (int)Math.Abs(Math.Clamp(Width, -Most, Most));

    /// <summary>The precision within <see cref="Most"/>; -1 for none.</summary>
    public int Limit => (int)Math.Clamp(Precision, -1, Most);
}
