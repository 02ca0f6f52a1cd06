using System.Text;
using Virtap.Language;
using Virtap.Language.Binding.Tree;
using Virtap.Language.Formats;
using Virtap.Language.Library;
using Virtap.Tracing.Ir;
using Virtap.Tracing.Lowering.Analysis;
using Virtap.Tracing.Memory;

namespace Virtap.Tracing.Lowering;

/// <summary>printf and sprintf.</summary>
public sealed partial class Lowerer
{
    private void LowerPrint(BoundPrint print)
    {
        // The text of a print is made by its reader: its literals need no place in memory.
        FormatPiece[] pieces = LowerPieces(print.Pieces, print.Span, text => new LiteralPiece(text, 0));
        var site = new PrintSite(_prints.Count, print.Into, pieces);
        _prints.Add(site);
        Add(new LoweredPrint(site));
    }

    private StringExpression LowerFormat(BoundFormat format, ContextSlot? into)
    {
        if (format.WhereUnreadable is { } otherwise)
        {
            into ??= _body.Frame.String();
            Attempt(
                () => Add(Store(into, LowerFormat(format with { WhereUnreadable = null }, into))),
                () => Add(Store(into, Literal(otherwise))));
            return new StringAt(into);
        }

        switch (format.Pieces)
        {
            case []: return Literal("");
            case [BoundFormatText text]: return Literal(text.Text);
            case [BoundFormatConversion { Conversion: FormatConversion.String, Width: null, Precision: null } copy]
                when copy.Value.Type == ScriptType.String:
                return LowerString(copy.Value, into);
        }

        FormatPiece[] pieces = LowerPieces(format.Pieces, format.Span, LiteralPiece);
        return new StringFormat(into ?? _body.Frame.String(), [.. pieces.Select(WithDump)]);
    }

    /// <summary>Memory that is shown in a string is copied first; in hexadecimal it takes twice the room.</summary>
    private FormatPiece WithDump(FormatPiece piece)
    {
        if (piece is not ConversionPiece { IsDump: true } dump)
            return piece;
        int bytes = RecordFormat.DumpBytes(dump.MostDumped);
        return dump with { Dump = _body.Frame.Bytes(dump.Conversion == FormatConversion.Memory ? bytes : 2 * bytes) };
    }

    private FormatPiece[] LowerPieces(IReadOnlyList<BoundFormatPiece> pieces, SourceSpan print, Func<string, LiteralPiece> literal)
    {
        if (pieces is [BoundFormatHistogram { Histogram: var histogram }])
            return [LowerHistogram(histogram, print)];
        if (pieces is [BoundFormatStack { Form: var form, Point: var point }])
            return [new StackPiece(form, LowerString(point, null))];
        var values = new Queue<Value>(LowerInOrder([.. BoundParts.Of(pieces.OfType<BoundFormatConversion>())]));
        var lowered = new List<FormatPiece>();
        var text = new StringBuilder();
        foreach (BoundFormatPiece piece in pieces)
        {
            if (piece is BoundFormatText { Text: var given })
                text.Append(given);
            if (piece is not BoundFormatConversion conversion)
                continue;
            LongExpression? width = conversion.Width is null ? null : values.Dequeue().AsNumber();
            LongExpression? precision = conversion.Precision is null ? null : values.Dequeue().AsNumber();
            Value value = values.Dequeue();
            if (width is null && precision is null && ConstantText(value) is { } constant)
            {
                text.Append(constant);
                continue;
            }

            AddText();
            lowered.Add(new ConversionPiece(conversion.Conversion, conversion.Flags, width, precision, value)
            {
                Place = conversion.Address is { } part
                    ? new SourcePlace(part, new ContextLong(ContextValue.Pid), new ContextLong(ContextValue.Target)) : null,
            });
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

    /// <summary>
    /// The text of an argument that is the same in every hit, such as the probe's own name; null for others, and for one that would be
    /// cut.
    /// </summary>
    private string? ConstantText(Value value)
    {
        string? text = (value as StringLiteral)?.Text;
        return text is null || text.Contains('\0') || ByteText.GetByteCount(text) >= _options.MaxStringLength ? null : text;
    }
}
