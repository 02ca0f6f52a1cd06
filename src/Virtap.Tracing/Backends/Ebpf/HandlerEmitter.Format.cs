using System.Diagnostics;
using Virtap.Bpf.Instructions;
using Virtap.Language.Binding.Tree;
using Virtap.Language.Formats;
using Virtap.Tracing.Backends.Ebpf.Emission;
using Virtap.Tracing.Backends.Ebpf.Routines;
using Virtap.Tracing.Ir;

namespace Virtap.Tracing.Backends.Ebpf;

/// <summary>
/// sprintf: each piece is appended at a running position; routines cut at MAXSTRINGLEN and keep the zeros behind the end.
/// </summary>
internal sealed partial class HandlerEmitter
{
    private void EvaluateFormat(StringFormat format)
    {
        RequireLoops("sprintf");
        WithTemporary(1, position =>
        {
            PointToSlot(BpfRegister.R1, format.Into.Offset);
            _code.Move(BpfRegister.R2, 0);
            _code.Store(BpfSize.Double, BpfRegister.R1, 0, BpfRegister.R2);
            _code.Store(BpfSize.Double, Context, position, BpfRegister.R2);
            foreach (FormatPiece piece in format.Pieces)
            {
                switch (piece)
                {
                    case LiteralPiece { Text: "" }:
                        break;
                    case LiteralPiece literal:
                        AppendLiteral(format.Into, position, literal);
                        break;
                    case HistogramPiece:
                        throw new NotEmittableException(
                            "a histogram is drawn as a string only where Virtap itself runs the handler",
                            "print() draws it in any probe; sprint() does in timers, begin and end");
                    case ConversionPiece conversion:
                        Append(format.Into, position, conversion);
                        break;
                }
            }
        });
        if (format.Pieces.OfType<ConversionPiece>().Any(CanHoldZero))
            EndAtFirstZero(format.Into);
        OffsetOfSlot(BpfRegister.R0, format.Into.Offset);
    }

    private void Append(ContextSlot into, int position, ConversionPiece conversion)
    {
        if (conversion.Dump is { } dump)
            AppendDump(into, position, conversion, dump);
        else if (conversion.Conversion == FormatConversion.Binary)
            AppendBinary(into, position, conversion);
        else if (IsText(conversion.Value))
            AppendText(into, position, conversion);
        else
            AppendNumber(into, position, conversion);
        if (EndsWithZero(conversion))
            AppendZero(into, position);
    }

    private void AppendLiteral(ContextSlot into, int position, LiteralPiece literal)
    {
        _code.Move(BpfRegister.R3, literal.Offset);
        _code.Move(BpfRegister.R4, -1);
        CallAppend(Routine.AppendText, into, position);
    }

    private void AppendText(ContextSlot into, int position, ConversionPiece conversion) => WithTemporary(2, words =>
    {
        Evaluate(conversion.Value);
        _code.Store(BpfSize.Double, Context, words, BpfRegister.R0);
        if (conversion.Width is null)
        {
            EvaluatePrecision(conversion);
            _code.Move(BpfRegister.R4, BpfRegister.R0);
            _code.Load(BpfSize.Double, BpfRegister.R3, Context, words);
            CallAppend(Routine.AppendText, into, position);
            return;
        }

        EvaluateWidth(conversion);
        _code.Store(BpfSize.Double, Context, words + 8, BpfRegister.R0);
        EvaluatePrecision(conversion);
        _code.Move(BpfRegister.R5, BpfRegister.R0);
        _code.Load(BpfSize.Double, BpfRegister.R4, Context, words + 8);
        _code.Load(BpfSize.Double, BpfRegister.R3, Context, words);
        CallAppend(Routine.AppendPadded, into, position);
    });

    /// <summary>Calls an appending routine with R1 = where, R2 = position; keeps the new position.</summary>
    private void CallAppend(Routine routine, ContextSlot into, int position)
    {
        OffsetOfSlot(BpfRegister.R1, into.Offset);
        _code.Load(BpfSize.Double, BpfRegister.R2, Context, position);
        _routines.Call(routine);
        _code.Store(BpfSize.Double, Context, position, BpfRegister.R0);
    }

    private void AppendNumber(ContextSlot into, int position, ConversionPiece conversion) => WithTemporary(2, words =>
    {
        Evaluate(conversion.Value);
        _code.Store(BpfSize.Double, Context, words, BpfRegister.R0);
        EmitNumberFormat(conversion, words + 8);
        _code.Move(BpfRegister.R5, BpfRegister.R0);
        _code.Load(BpfSize.Double, BpfRegister.R4, Context, words);
        _code.Load(BpfSize.Double, BpfRegister.R3, Context, position);
        OffsetOfSlot(BpfRegister.R2, into.Offset);
        _code.Move(BpfRegister.R1, ContextOffset);
        _routines.Call(conversion.Conversion == FormatConversion.Character ? Routine.AppendCharacter : Routine.AppendNumber);
        _code.Store(BpfSize.Double, Context, position, BpfRegister.R0);
    });

    /// <summary>R0 = the packed form of a number's conversion; a constant unless width or precision come from arguments.</summary>
    private void EmitNumberFormat(ConversionPiece conversion, int word)
    {
        (int radix, bool isSigned, bool isUpper) = conversion.Conversion switch
        {
            FormatConversion.Signed => (10, true, false),
            FormatConversion.Unsigned => (10, false, false),
            FormatConversion.Hexadecimal or FormatConversion.Pointer => (16, false, false),
            FormatConversion.UpperHexadecimal => (16, false, true),
            FormatConversion.Octal => (8, false, false),
            FormatConversion.Character => (0, false, false),
            _ => throw new UnreachableException($"{conversion.Conversion} is no conversion of a number"),
        };
        FormatFlags flags = conversion.Flags | (conversion.Conversion == FormatConversion.Pointer ? FormatFlags.Alternate : 0);
        if (conversion.Width is null or LongConstant && conversion.Precision is null or LongConstant)
        {
            long width = (conversion.Width as LongConstant)?.Value ?? 0, precision = (conversion.Precision as LongConstant)?.Value ?? -1;
            _code.LoadConstant(BpfRegister.R0, NumberFormat.Pack(radix, flags, isSigned, isUpper, width, precision));
            return;
        }

        // The packed form has the precision in its upper and the width in its next 16 bits, both clamped: see NumberFormat.
        EvaluatePrecision(conversion);
        EmitClamp();
        _code.Alu(BpfAluOperator.ShiftLeft, BpfRegister.R0, 48);
        _code.Store(BpfSize.Double, Context, word, BpfRegister.R0);
        EvaluateWidth(conversion);
        EmitClamp();
        _code.Alu(BpfAluOperator.ShiftLeft, BpfRegister.R0, 48);
        _code.Alu(BpfAluOperator.ShiftRight, BpfRegister.R0, 16);
        _code.Load(BpfSize.Double, BpfRegister.R1, Context, word);
        _code.Alu(BpfAluOperator.Or, BpfRegister.R0, BpfRegister.R1);
        _code.LoadConstant(BpfRegister.R1, NumberFormat.Pack(radix, flags & ~FormatFlags.LeftJustify, isSigned, isUpper, 0, 0));
        _code.Alu(BpfAluOperator.Or, BpfRegister.R0, BpfRegister.R1);
    }

    /// <summary>Keeps R0 within what a string can hold: from -MAXSTRINGLEN to MAXSTRINGLEN.</summary>
    private void EmitClamp()
    {
        Bpf.Programs.BpfLabel notAbove = _code.NewLabel(), notBelow = _code.NewLabel();
        _code.Jump(BpfCondition.SignedLessOrEqual, BpfRegister.R0, _layout.MaxStringLength, notAbove);
        _code.Move(BpfRegister.R0, _layout.MaxStringLength);
        _code.Bind(notAbove);
        _code.Jump(BpfCondition.SignedGreaterOrEqual, BpfRegister.R0, -_layout.MaxStringLength, notBelow);
        _code.Move(BpfRegister.R0, -_layout.MaxStringLength);
        _code.Bind(notBelow);
    }

    /// <summary>R0 = the width; negative for left-justified, 0 for none.</summary>
    private void EvaluateWidth(ConversionPiece conversion)
    {
        Evaluate(conversion.Width ?? new LongConstant(0));
        if (!conversion.Flags.HasFlag(FormatFlags.LeftJustify))
            return;
        Bpf.Programs.BpfLabel negative = _code.NewLabel();
        _code.Jump(BpfCondition.SignedLess, BpfRegister.R0, 0, negative);
        _code.Negate(BpfRegister.R0);
        _code.Bind(negative);
    }

    /// <summary>R0 = the precision; negative for none. A negative one from an argument counts as 0 in SystemTap.</summary>
    private void EvaluatePrecision(ConversionPiece conversion)
    {
        Evaluate(conversion.Precision ?? new LongConstant(-1));
        if (conversion.Precision is null or LongConstant)
            return;
        Bpf.Programs.BpfLabel notBelow = _code.NewLabel();
        _code.Jump(BpfCondition.SignedGreaterOrEqual, BpfRegister.R0, 0, notBelow);
        _code.Move(BpfRegister.R0, 0);
        _code.Bind(notBelow);
    }
}
