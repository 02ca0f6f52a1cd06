using Virtap.Language.Binding;
using Virtap.Language.Binding.Tree;
using Virtap.Tracing.Lowering.Analysis;
using Virtap.Tracing.Lowering.Tree;

namespace Virtap.Tracing.Lowering;

/// <summary>printf and sprintf.</summary>
public sealed partial class Lowerer
{
    private void LowerPrint(BoundPrint print)
    {
        // The text of a print is made by its reader: its literals need no place in memory.
        FormatPiece[] pieces = LowerPieces(print.Pieces, text => new LiteralPiece(text, 0));
        var site = new PrintSite(_prints.Count, print.IsWarning ? PrintChannel.Warning : PrintChannel.Output, pieces);
        _prints.Add(site);
        Add(new LoweredPrint(site));
    }

    private StringExpression LowerFormat(BoundFormat format, SlotPlace? into)
    {
        switch (format.Pieces)
        {
            case []: return new StringAt(_memory.Literal(""));
            case [BoundFormatText text]: return new StringAt(_memory.Literal(text.Text));
            case [BoundFormatConversion { Conversion: FormatConversion.String, Width: null, Precision: null, Value: { Type: ScriptType.String } value }]: return LowerString(value, into);
        }

        FormatPiece[] pieces = LowerPieces(format.Pieces, Literal);
        return new StringFormat(into ?? _body.Frame.String(), pieces);
    }

    private FormatPiece[] LowerPieces(IReadOnlyList<BoundFormatPiece> pieces, Func<string, LiteralPiece> literal)
    {
        foreach (BoundFormatHistogram histogram in pieces.OfType<BoundFormatHistogram>())
            NotSupported("histograms", histogram.Histogram.Span);
        var values = new Queue<LoweredKey>(LowerInOrder([.. BoundParts.Of(pieces.OfType<BoundFormatConversion>())]));
        var lowered = new List<FormatPiece>();
        foreach (BoundFormatPiece piece in pieces)
        {
            if (piece is BoundFormatText text)
                lowered.Add(literal(text.Text));
            if (piece is not BoundFormatConversion conversion)
                continue;
            LongExpression? width = conversion.Width is null ? null : values.Dequeue().Long;
            LongExpression? precision = conversion.Precision is null ? null : values.Dequeue().Long;
            LoweredKey value = values.Dequeue();
            lowered.Add(new ConversionPiece(conversion.Conversion, conversion.Flags, width, precision, value.Long, value.String));
        }

        return [.. lowered];
    }
}
