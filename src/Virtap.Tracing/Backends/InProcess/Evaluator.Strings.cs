using System.Diagnostics;
using Virtap.Language.Binding.Tree;
using Virtap.Language.Formats;
using Virtap.Tracing.Ir;
using Virtap.Tracing.Memory;
using Virtap.Tracing.Runtime;

namespace Virtap.Tracing.Backends.InProcess;

/// <summary>String expressions: the value is the memory offset of the string.</summary>
public sealed partial class Evaluator
{
    /// <summary>Strings of the target are read in pieces that end where so much of its memory does: the next page may be missing.</summary>
    private const int PageBytes = 4096;

    private long EvaluateString(StringExpression expression) => expression switch
    {
        StringLiteral literal => literal.Offset,
        StringAt at => OffsetOf(at.Location),
        StringConditional choice => EvaluateString(Evaluate(choice.Condition) != 0 ? choice.WhenTrue : choice.WhenFalse),
        StringConcat concat => Concatenate(concat),
        StringFormat format => Format(format),
        Substring substring => CutOut(substring),
        ThreadName name => NameThread(name),
        TargetString target => ReadTargetString(target),
        SiteString site => _memory.Word(site.TableOffset + ((_memory.Word(_own + ContextCells.Site) & _siteMask) * 8)),
        TableText text => WordOf(text.Offset),
        ErrorText error => DescribeError(error.Into),
        _ => throw new UnreachableException($"{expression.GetType().Name} is no string of the lowered tree"),
    };

    private long OffsetOf(Location location) => location switch
    {
        ContextSlot slot => _own + slot.Offset,
        GlobalSlot global => global.Offset,
        EntryField entry => Evaluate(entry.Entry) + entry.Offset,
        _ => throw new UnreachableException($"{location.GetType().Name} is no location of the lowered tree"),
    };

    /// <summary>Counts strings that did not fit; while an error is being raised nothing is real.</summary>
    private void CountCuts(int cuts)
    {
        if (cuts != 0 && !_failing)
            Interlocked.Add(ref _memory.Word(SessionCells.CutStrings), cuts);
    }

    private long Concatenate(StringConcat concat)
    {
        long left = EvaluateString(concat.Left), right = EvaluateString(concat.Right), into = _own + concat.Into.Offset;
        StringSink sink = _strings.Open(into, _strings.Copy(into, left));
        sink.Append(_strings.Read(right));
        CountCuts(sink.Cuts);
        return into;
    }

    private long Format(StringFormat format)
    {
        long into = _own + format.Into.Offset;
        StringSink sink = _strings.Open(into);
        foreach (FormatPiece piece in format.Pieces)
        {
            // Counted piece by piece: a later one may fail, and what was cut before it was cut.
            int cuts = sink.Cuts;
            if (piece is LiteralPiece literal)
                sink.Append(literal.Text.Length == 0 ? [] : _strings.Read(literal.Offset));
            else if (piece is HistogramPiece histogram)
                HistogramText.Draw(ref sink, histogram.Shape, histogram.Drawing, BucketsOf(histogram));
            else
                Format(ref sink, (ConversionPiece)piece);
            CountCuts(sink.Cuts - cuts);
        }

        return into;
    }

    private void Format(ref StringSink sink, ConversionPiece piece)
    {
        long value = Evaluate(piece.Value);
        var style = new ConversionFormat(piece.Conversion, piece.Flags, EvaluateOr(piece.Width, 0), EvaluatePrecision(piece.Precision));
        if (_failing)
            return;
        if (IsText(piece.Value))
            TextFormatter.Text(ref sink, style, _strings.Read(value));
        else if (piece.IsDump)
            TextFormatter.Text(ref sink, style, ReadDump(value, style.Precision));
        else
            TextFormatter.Number(ref sink, style, value);
    }

    private long EvaluateOr(LongExpression? expression, long otherwise) => expression is null ? otherwise : Evaluate(expression);

    /// <summary>-1 for none; a negative one from an argument counts as 0 in SystemTap.</summary>
    private long EvaluatePrecision(LongExpression? precision) => precision is null ? -1 : Math.Max(Evaluate(precision), 0);

    /// <summary>Out of range gives the empty string, as SystemTap's substr does.</summary>
    private long CutOut(Substring substring)
    {
        ReadOnlySpan<byte> text = _strings.Read(EvaluateString(substring.Operand));
        long start = Evaluate(substring.Start), length = Evaluate(substring.Length), into = _own + substring.Into.Offset;
        text = start < 0 || length <= 0 || start >= text.Length ? [] : text[(int)start..];
        _strings.Write(into, text[..(int)Math.Min(length < 0 ? 0 : length, text.Length)]);
        return into;
    }

    private long NameThread(ThreadName name)
    {
        long into = _own + name.Into.Offset;
        _strings.Write(into, _context.ThreadName(name.OfParent));
        return into;
    }

    private long ReadTargetString(TargetString target)
    {
        long address = Evaluate(target.Address), into = _own + target.Into.Offset;
        if (_failing)
            return 0;
        Span<byte> bytes = _memory.Bytes(into, _strings.Max);
        for (int length = 0; length < bytes.Length;)
        {
            ulong next = unchecked((ulong)address + (ulong)length);
            Span<byte> piece = bytes.Slice(length, Math.Min(bytes.Length - length, PageBytes - (int)(next % PageBytes)));
            if (!TryRead(target.Space, next, piece))
            {
                Raise(RuntimeError.ReadFault, target.Site, address);
                return 0;
            }

            int end = piece.IndexOf((byte)0);
            length += end >= 0 ? end : piece.Length;
            if (end >= 0 || length == bytes.Length)
            {
                _strings.Write(into, bytes[..length]);
                break;
            }
        }

        return into;
    }

    /// <summary>The words of the error being caught, without its place.</summary>
    private long DescribeError(ContextSlot slot)
    {
        long into = _own + slot.Offset;
        var error = (RuntimeError)_memory.Word(_own + ContextCells.Error);
        if (error is RuntimeError.Raised or RuntimeError.None)
        {
            _strings.Copy(into, _own + ContextCells.ErrorText);
            return into;
        }

        long value = _memory.Word(_own + ContextCells.ErrorValue);
        string words = error == RuntimeError.ReadFault ? RuntimeErrorText.ReadFaultAt : RuntimeErrorText.Of(error, value);
        StringSink sink = _strings.Open(into, _strings.Write(into, System.Text.Encoding.ASCII.GetBytes(words)));
        if (error == RuntimeError.ReadFault)
            TextFormatter.Number(ref sink, new ConversionFormat(FormatConversion.Pointer, FormatFlags.None), value);
        CountCuts(sink.Cuts);
        return into;
    }
}
