using Virtap.Language;
using Virtap.Language.Binding.Tree;
using Virtap.Language.Formats;
using Virtap.Language.Library;
using Virtap.Tracing.Ir;
using Virtap.Tracing.Memory;

namespace Virtap.Tracing.Runtime;

/// <summary>
/// How one print site's items become text: its pieces with literals as bytes and constants taken out of their expressions.
/// </summary>
internal sealed class PrintPlan
{
    private readonly Step[] _steps;

    /// <summary>Takes a site apart.</summary>
    /// <param name="site">The site.</param>
    /// <param name="stacks">Makes text of stacks.</param>
    public PrintPlan(PrintSite site, StackText stacks)
    {
        Channel = site.Channel;
        _steps = [.. site.Pieces.Select(piece => Step.Of(piece, stacks))];
    }

    public PrintChannel Channel { get; }

    /// <summary>Whether a width or a precision travels in the item: only one that is computed does.</summary>
    public static bool IsRecorded(LongExpression? expression) => expression is not null and not LongConstant;

    /// <summary>Appends the text of an item; false, and nothing appended, if it does not hold this site's arguments.</summary>
    public bool TryFormat(ItemReader arguments, TextBuffer text)
    {
        int before = text.Length;
        TextBufferSink sink = text.AsSink();
        foreach (ref readonly Step step in _steps.AsSpan())
        {
            if (step.Literal is { } literal)
                text.Append(literal);
            else if (!step.TryFormat(ref arguments, ref sink))
                return Fail(text, before);
        }

        return arguments.IsAtEnd || Fail(text, before);
    }

    private static bool Fail(TextBuffer text, int before)
    {
        text.Truncate(before);
        return false;
    }

    private readonly struct Step
    {
        private readonly ConversionFormat _format;
        private readonly bool _readsWidth;
        private readonly bool _readsPrecision;
        private readonly bool _readsText;
        private readonly HistogramPiece? _histogram;
        private readonly StackText? _stacks;
        private readonly StackForm _form;
        private readonly AddressPart? _place;

        private Step(ConversionPiece piece, StackText stacks)
        {
            if (piece.Place is { Part: var part })
                (_stacks, _place) = (stacks, part);
            _readsWidth = IsRecorded(piece.Width);
            _readsPrecision = IsRecorded(piece.Precision);
            _readsText = piece.Value.Match(static _ => false, static _ => true)
                || piece.Conversion is FormatConversion.Memory or FormatConversion.MemoryHexadecimal;
            long width = (piece.Width as LongConstant)?.Value ?? 0, precision = (piece.Precision as LongConstant)?.Value ?? -1;
            _format = new ConversionFormat(piece.Conversion, piece.Flags, width, precision);
        }

        private Step(byte[] literal) => Literal = literal;

        private Step(HistogramPiece histogram) => _histogram = histogram;

        private Step(StackText stacks, StackForm form) => (_stacks, _form) = (stacks, form);

        public byte[]? Literal { get; }

        public static Step Of(FormatPiece piece, StackText stacks) => piece switch
        {
            StackPiece stack => new Step(stacks, stack.Form),
            LiteralPiece literal => new Step(ByteText.GetBytes(literal.Text)),
            HistogramPiece histogram => new Step(histogram),
            _ => new Step((ConversionPiece)piece, stacks),
        };

        public bool TryFormat(ref ItemReader arguments, ref TextBufferSink sink)
        {
            if (_stacks is not null && _place is null)
                return _stacks.TryPrint(ref arguments, ref sink, _form);
            if (_histogram is not null)
                return TryDraw(ref arguments, ref sink, _histogram);
            ConversionFormat format = _format;
            if (_readsWidth)
            {
                if (!arguments.TryReadLong(out long width))
                    return false;
                format = format with { Width = width };
            }

            if (_readsPrecision)
            {
                if (!arguments.TryReadLong(out long precision))
                    return false;
                // A negative one from an argument counts as 0 in SystemTap.
                format = format with { Precision = Math.Max(precision, 0) };
            }

            if (_place is { } part)
            {
                if (!arguments.TryReadLong(out long process) || !arguments.TryReadLong(out long target)
                    || !arguments.TryReadLong(out long address))
                    return false;
                // Handlers of this process's own look up addresses of the session's target; without one that is 0 (target()).
                long id = process == Environment.ProcessId ? target : process;
                int? whose = id == 0 ? null : (int)id;
                TextFormatter.Text(ref sink, format, ByteText.GetBytes(_stacks!.PlaceOf(whose, (ulong)address, part)));
            }
            else if (_readsText)
            {
                if (!arguments.TryReadText(out ReadOnlySpan<byte> text))
                    return false;
                TextFormatter.Text(ref sink, format, text);
            }
            else
            {
                if (!arguments.TryReadLong(out long value))
                    return false;
                TextFormatter.Number(ref sink, format, value);
            }

            return true;
        }

        private static bool TryDraw(ref ItemReader arguments, ref TextBufferSink sink, HistogramPiece histogram)
        {
            if (!arguments.TryReadText(out ReadOnlySpan<byte> counts) || counts.Length != HistogramBuckets.CountOf(histogram.Shape) * 8)
                return false;
            HistogramText.Draw(ref sink, histogram.Shape, histogram.Drawing, counts);
            return true;
        }
    }
}
