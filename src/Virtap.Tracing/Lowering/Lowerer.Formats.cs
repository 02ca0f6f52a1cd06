using System.Text;
using Virtap.Language.Binding;
using Virtap.Language.Binding.Tree;
using Virtap.Language.Syntax;
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
        var text = new StringBuilder();
        foreach (BoundFormatPiece piece in pieces)
        {
            if (piece is BoundFormatText { Text: var given })
                text.Append(given);
            if (piece is not BoundFormatConversion conversion)
                continue;
            LongExpression? width = conversion.Width is null ? null : values.Dequeue().Long;
            LongExpression? precision = conversion.Precision is null ? null : values.Dequeue().Long;
            LoweredKey value = values.Dequeue();
            if (width is null && precision is null && ConstantText(value) is { } constant)
            {
                text.Append(constant);
                continue;
            }

            AddText();
            lowered.Add(new ConversionPiece(conversion.Conversion, conversion.Flags, width, precision, value.Long, value.String));
        }

        AddText();
        return [.. lowered];

        void AddText()
        {
            if (text.Length > 0)
                lowered.Add(literal(text.ToString()));
            text.Clear();
        }
    }

    /// <summary>The text of an argument that is the same in every hit, such as the probe's own name; null for others, and for one that would be cut.</summary>
    private string? ConstantText(LoweredKey value)
    {
        string? text = value.String is StringAt { Place: GlobalPlace place } ? _memory.LiteralAt(place.Offset) : null;
        return text is null || text.Contains('\0') || ByteText.GetByteCount(text) >= _options.MaxStringLength ? null : text;
    }
}
