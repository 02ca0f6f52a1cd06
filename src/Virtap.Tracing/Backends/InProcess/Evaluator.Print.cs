using Virtap.Language.Binding.Tree;
using Virtap.Language.Formats;
using Virtap.Tracing.Ir;
using Virtap.Tracing.Memory;
using Virtap.Tracing.Runtime;

namespace Virtap.Tracing.Backends.InProcess;

/// <summary>Printing: the same items that eBPF programs send through the ring, so that one printer makes both text.</summary>
public sealed partial class Evaluator
{
    /// <summary>
    /// Nothing of an item counts before it is complete: an error raised while an argument is computed leaves no half item.
    /// </summary>
    private Flow Print(PrintSite site)
    {
        _output.Begin((uint)site.Id);
        foreach (FormatPiece piece in site.Pieces)
        {
            if (piece is ConversionPiece conversion)
                AppendArgument(conversion);
            else if (piece is HistogramPiece histogram)
                _output.Append(BucketsOf(histogram));
            else if (piece is StackPiece stack)
                AppendStack(stack);
            if (_failing)
                return Flow.Fail;
        }

        _output.End();
        if (_output.Length >= FlushBytes)
            Flush();
        return Flow.Next;
    }

    private void AppendArgument(ConversionPiece piece)
    {
        if (PrintPlan.IsRecorded(piece.Width))
            _output.Append(Evaluate(piece.Width!));
        long precision = piece.Precision is null ? -1 : Evaluate(piece.Precision);
        if (PrintPlan.IsRecorded(piece.Precision))
            _output.Append(precision);
        if (piece.Place is { } place)
        {
            _output.Append(Evaluate(place.Process));
            _output.Append(Evaluate(place.Target));
        }

        if (IsText(piece.Value))
            _output.Append(_strings.Read(Evaluate(piece.Value)));
        else if (piece.IsDump)
            _output.Append(ReadDump(Evaluate(piece.Value), precision));
        else
            _output.Append(Evaluate(piece.Value));
    }

    /// <summary>Where no thread of a program runs a handler, there is of its stack only where it would have been.</summary>
    private void AppendStack(StackPiece piece)
    {
        if (_context.CopyStack() is { } stack)
        {
            _output.Append(_context.Pid);
            _output.Append(stack);
            return;
        }

        _output.Append(StackRecord.NoProcess);
        _output.Append(_strings.Read(Evaluate(piece.Point)));
    }

    /// <summary>The target's memory for %m and %M: as many bytes as the precision says, else one.</summary>
    private ReadOnlySpan<byte> ReadDump(long address, long precision)
    {
        if (_failing)
            return [];
        if (precision > RecordFormat.MaxDumped)
        {
            Raise(RuntimeError.DumpTooLong, -1, precision);
            return [];
        }

        byte[] dump = new byte[precision > 0 ? precision : 1];
        if (_context.TryRead((ulong)address, dump))
            return dump;
        Raise(RuntimeError.ReadFault, -1, address);
        return [];
    }
}
