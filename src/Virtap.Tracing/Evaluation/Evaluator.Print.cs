using System.Globalization;
using System.Text;
using Virtap.Language.Binding.Tree;
using Virtap.Tracing.Lowering.Tree;
using Virtap.Tracing.Memory;
using Virtap.Tracing.Output;

namespace Virtap.Tracing.Evaluation;

/// <summary>Printing: the same items that eBPF programs send through the ring, so that one printer makes both text.</summary>
public sealed partial class Evaluator
{
    /// <summary>The most bytes of a memory dump: SystemTap's limit, a page.</summary>
    private const int MostDumped = 4096;

    /// <summary>Nothing of an item counts before it is complete: an error raised while an argument is computed leaves no half item.</summary>
    private Flow Print(PrintSite site)
    {
        _output.Begin((uint)site.Id);
        foreach (FormatPiece piece in site.Pieces)
        {
            if (piece is ConversionPiece conversion)
                AppendArgument(conversion);
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
        if (piece.String is { } text)
            _output.Append(_strings.Read(EvaluateString(text)));
        else if (piece.Conversion is FormatConversion.Memory or FormatConversion.MemoryHexadecimal)
            _output.Append(ReadDump(Evaluate(piece.Long!), precision));
        else
            _output.Append(Evaluate(piece.Long!));
    }

    /// <summary>The target's memory for %m and %M: as many bytes as the precision says, else one.</summary>
    private ReadOnlySpan<byte> ReadDump(long address, long precision)
    {
        if (_failing)
            return [];
        if (precision > MostDumped)
        {
            _strings.Write(_own + ContextCells.ErrorText, Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{precision} is too many bytes for a memory dump")));
            Raise(RuntimeError.Raised, -1);
            return [];
        }

        byte[] dump = new byte[precision > 0 ? precision : 1];
        if (_context.TryRead((ulong)address, dump))
            return dump;
        Raise(RuntimeError.ReadFault, -1, address);
        return [];
    }
}
