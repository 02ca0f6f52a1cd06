using Virtap.Bpf.Instructions;
using Virtap.Bpf.Programs;
using Virtap.Language.Formats;
using Virtap.Tracing.Backends.Ebpf.Routines;
using Virtap.Tracing.Ir;

namespace Virtap.Tracing.Backends.Ebpf;

/// <summary>
/// sprintf's conversions whose text is bytes of memory, %b, %m and %M, and the flag 0 of texts, which adds a zero byte. The first zero byte
/// ends the string.
/// </summary>
internal sealed partial class HandlerEmitter
{
    private static bool EndsWithZero(ConversionPiece conversion) =>
        conversion.Flags.HasFlag(FormatFlags.ZeroPad) && (conversion.IsDump || IsText(conversion.Value));

    private static bool CanHoldZero(ConversionPiece conversion) =>
        conversion.Conversion == FormatConversion.Binary || conversion.IsDump || EndsWithZero(conversion);

    /// <summary>The low bytes of a number, as many as the precision says, else the width, else 8; zeros beside them to the width.</summary>
    private void AppendBinary(ContextSlot into, int position, ConversionPiece conversion) => WithTemporary(3, words =>
    {
        int value = words, count = words + 8, width = words + 16;
        BpfLabel counted = _code.NewLabel();
        Evaluate(conversion.Value);
        _code.Store(BpfSize.Double, Context, value, BpfRegister.R0);
        EvaluateWidth(conversion);
        _code.Store(BpfSize.Double, Context, width, BpfRegister.R0);
        EvaluatePrecision(conversion);
        EmitIfBytesOfNumber(counted);
        _code.Load(BpfSize.Double, BpfRegister.R0, Context, width);
        EmitMagnitude(BpfRegister.R0);
        EmitIfBytesOfNumber(counted);
        _code.Move(BpfRegister.R0, 8);
        _code.Bind(counted);
        _code.Store(BpfSize.Double, Context, count, BpfRegister.R0);
        AppendBytes(into, position, value, count, width, filler: 0);
    });

    private void AppendDump(ContextSlot into, int position, ConversionPiece conversion, ContextSlot dump) => WithTemporary(3, words =>
    {
        int count = words, width = words + 16;
        EmitDumpLength(conversion, words);
        EmitDump(conversion, words, () => PointToSlot(BpfRegister.R1, dump.Offset));
        if (conversion.Conversion == FormatConversion.MemoryHexadecimal)
        {
            OffsetOfSlot(BpfRegister.R1, dump.Offset);
            _code.Load(BpfSize.Double, BpfRegister.R2, Context, count);
            _routines.Call(Routine.ExpandHexadecimal);
            _code.Store(BpfSize.Double, Context, count, BpfRegister.R0);
        }

        EvaluateWidth(conversion);
        _code.Store(BpfSize.Double, Context, width, BpfRegister.R0);
        AppendBytes(into, position, dump.Offset, count, width, filler: (byte)' ');
    });

    /// <summary>Appends as many bytes of the context as a word says, within the width that another holds.</summary>
    private void AppendBytes(ContextSlot into, int position, int bytes, int count, int width, byte filler)
    {
        // What is to be filled is negative on the one side, and none is filled then.
        _code.Load(BpfSize.Double, BpfRegister.R4, Context, width);
        AppendFill(into, position, count, filler);
        OffsetOfSlot(BpfRegister.R3, bytes);
        _code.Load(BpfSize.Double, BpfRegister.R4, Context, count);
        CallAppend(Routine.AppendBytes, into, position);
        _code.Load(BpfSize.Double, BpfRegister.R4, Context, width);
        _code.Negate(BpfRegister.R4);
        AppendFill(into, position, count, filler);
    }

    /// <summary>Fills what the bytes leave of R4 columns.</summary>
    private void AppendFill(ContextSlot into, int position, int count, byte filler)
    {
        _code.Load(BpfSize.Double, BpfRegister.R1, Context, count);
        _code.Alu(BpfAluOperator.Subtract, BpfRegister.R4, BpfRegister.R1);
        _code.Move(BpfRegister.R3, filler);
        CallAppend(Routine.Fill, into, position);
    }

    private void AppendZero(ContextSlot into, int position)
    {
        _code.Move(BpfRegister.R3, 0);
        _code.Move(BpfRegister.R4, 1);
        CallAppend(Routine.Fill, into, position);
    }

    /// <summary>Puts the zeros behind a string's end, which may lie before what was appended last.</summary>
    private void EndAtFirstZero(ContextSlot text)
    {
        OffsetOfSlot(BpfRegister.R1, text.Offset);
        _routines.Call(Routine.CutAtZero);
    }

    /// <summary>Goes to a label if R0 is a number of bytes that a number can have.</summary>
    private void EmitIfBytesOfNumber(BpfLabel isOne)
    {
        foreach (int bytes in (ReadOnlySpan<int>)[1, 2, 4, 8])
            _code.Jump(BpfCondition.Equal, BpfRegister.R0, bytes, isOne);
    }

    private void EmitMagnitude(BpfRegister number)
    {
        BpfLabel isPositive = _code.NewLabel();
        _code.Jump(BpfCondition.SignedGreaterOrEqual, number, 0, isPositive);
        _code.Negate(number);
        _code.Bind(isPositive);
    }
}
