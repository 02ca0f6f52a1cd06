using Virtap.Bpf.Instructions;
using Virtap.Bpf.Programs;
using Virtap.Language.Binding.Tree;
using Virtap.Language.Formats;
using Virtap.Tracing.Backends.Ebpf.Emission;
using Virtap.Tracing.Backends.Ebpf.Routines;
using Virtap.Tracing.Ir;
using Virtap.Tracing.Memory;

namespace Virtap.Tracing.Backends.Ebpf;

/// <summary>
/// Printing: items of binary arguments (<see cref="RecordFormat"/>) in the context's output buffer, sent to the ring together when the
/// handler ends, so that one handler's output stays together. The text is made by the reader.
/// </summary>
internal sealed partial class HandlerEmitter
{
    // While an item is written: a temporary word with the position that is known only at run time, and the bytes that are known to follow
    // it.
    private int _itemPosition;
    private int _itemBytes;

    private int OutputMask => (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)_layout.OutputBytes) - 1;

    private void EmitPrint(PrintSite site)
    {
        int bytes = RecordFormat.HeaderBytes;
        foreach (ConversionPiece piece in site.Pieces.OfType<ConversionPiece>())
            bytes += (IsRecorded(piece.Width) ? 8 : 0) + (IsRecorded(piece.Precision) ? 8 : 0) + ItemBytes(piece);
        foreach (HistogramPiece piece in site.Pieces.OfType<HistogramPiece>())
            bytes += 8 + (HistogramBuckets.CountOf(piece.Shape) * 8);
        if (site.Pieces is [StackPiece])
            bytes += StackRecord.MaxBytes;

        WriteItem((uint)site.Id, bytes, () =>
        {
            foreach (ConversionPiece piece in site.Pieces.OfType<ConversionPiece>())
            {
                AppendRecorded(piece.Width);
                if (piece.IsDump)
                {
                    AppendDump(piece);
                    continue;
                }

                AppendRecorded(piece.Precision);
                if (piece.Place is { } place)
                {
                    Evaluate(place.Process);
                    AppendLong();
                    Evaluate(place.Target);
                    AppendLong();
                }

                Evaluate(piece.Value);
                if (IsText(piece.Value))
                    AppendString();
                else
                    AppendLong();
            }

            foreach (HistogramPiece piece in site.Pieces.OfType<HistogramPiece>())
                AppendBuckets(piece);
            if (site.Pieces is [StackPiece])
                AppendStack();
        });
    }

    private static bool IsRecorded(LongExpression? expression) => expression is not null and not LongConstant;

    private void AppendRecorded(LongExpression? expression)
    {
        if (!IsRecorded(expression))
            return;
        Evaluate(expression!);
        AppendLong();
    }

    /// <summary>The most that one argument can take in an item.</summary>
    private int ItemBytes(ConversionPiece piece) => piece.IsDump
        ? RecordFormat.DumpItemBytes(piece.MostDumped)
        : piece.Value.Match(_ => piece.Place is null ? 8 : 24, _ => TextBytes);

    private int TextBytes => 16 + _layout.StringBytes;

    private static bool IsText(Value value) => value.Match(static _ => false, static _ => true);

    /// <summary>
    /// Writes one item. Nothing of it counts before it is complete, so an error raised while an argument is computed leaves no half item.
    /// </summary>
    private void WriteItem(uint kind, int mostBytes, Action appendArguments)
    {
        if (mostBytes > _layout.OutputBytes)
            throw new NotEmittableException("the arguments of one print do not fit the output buffer; print them in two statements");
        EmitRoom(mostBytes);
        WithTemporary(1, position =>
        {
            _code.Load(BpfSize.Double, BpfRegister.R1, Context, ContextCells.OutputUsed);
            _code.Store(BpfSize.Double, Context, position, BpfRegister.R1);
            (_itemPosition, _itemBytes) = (position, RecordFormat.HeaderBytes);
            appendArguments();
            FinishItem(kind);
        });
    }

    /// <summary>Sends what is in the buffer if not so many more bytes fit.</summary>
    private void EmitRoom(int bytes)
    {
        BpfLabel fits = _code.NewLabel();
        _code.Load(BpfSize.Double, BpfRegister.R1, Context, ContextCells.OutputUsed);
        _code.Jump(BpfCondition.LessOrEqual, BpfRegister.R1, _layout.OutputBytes - bytes, fits);
        _code.Move(BpfRegister.R1, ContextOffset);
        _routines.Call(Flush);
        _code.Bind(fits);
    }

    /// <summary>
    /// destination = pointer to the output buffer at the item's run-time position; the known bytes come on top as an instruction's
    /// offset.
    /// </summary>
    private void PointToItem(BpfRegister destination)
    {
        _code.Load(BpfSize.Double, destination, Context, _itemPosition);
        _code.Alu(BpfAluOperator.And, destination, OutputMask);
        _code.Alu(BpfAluOperator.Add, destination, Context);
    }

    /// <summary>Adds R0 to the item.</summary>
    private void AppendLong()
    {
        PointToItem(BpfRegister.R1);
        _code.Store(BpfSize.Double, BpfRegister.R1, _layout.OutputOffset + _itemBytes, BpfRegister.R0);
        _itemBytes += 8;
    }

    /// <summary>Adds the string at memory offset R0 to the item: its length, its bytes, zeros to a multiple of eight.</summary>
    private void AppendString()
    {
        BpfLabel copied = _code.NewLabel();
        int at = _layout.OutputOffset + _itemBytes;
        EmitPointer(BpfRegister.R3, BpfRegister.R0);
        PointToItem(BpfRegister.R1);
        _code.Alu(BpfAluOperator.Add, BpfRegister.R1, at + 8);
        _code.Move(BpfRegister.R2, _layout.MaxStringLength);
        _code.Call(BpfHelper.ProbeReadKernelStr);
        _code.Jump(BpfCondition.SignedGreater, BpfRegister.R0, 0, copied);
        _code.Move(BpfRegister.R0, 1);
        _code.Bind(copied);
        _code.Alu(BpfAluOperator.Subtract, BpfRegister.R0, 1);
        PointToItem(BpfRegister.R1);
        _code.Store(BpfSize.Double, BpfRegister.R1, at, BpfRegister.R0);
        _code.Alu(BpfAluOperator.Add, BpfRegister.R1, BpfRegister.R0);
        _code.Move(BpfRegister.R2, 0);
        _code.Store(BpfSize.Double, BpfRegister.R1, at + 8, BpfRegister.R2);
        AdvanceOverText();
    }

    /// <summary>Adds the target's memory for %m and %M, as a string.</summary>
    private void AppendDump(ConversionPiece piece) => WithTemporary(2, words =>
    {
        EmitDumpLength(piece, words);
        if (IsRecorded(piece.Precision))
            AppendLong();
        int at = _layout.OutputOffset + _itemBytes;
        EmitDump(piece, words, () =>
        {
            PointToItem(BpfRegister.R1);
            _code.Store(BpfSize.Double, BpfRegister.R1, at, BpfRegister.R2);
            _code.Alu(BpfAluOperator.Add, BpfRegister.R1, at + 8);
        });
        _code.Load(BpfSize.Double, BpfRegister.R0, Context, words);
        AdvanceOverText();
    });

    /// <summary>R0 = the precision of %m and %M; the word = how many bytes that means, which are no more than can be shown.</summary>
    private void EmitDumpLength(ConversionPiece piece, int length)
    {
        BpfLabel isPositive = _code.NewLabel();
        BpfLabel tooLong = RaiseCold(RuntimeError.DumpTooLong, -1, () => _code.Load(BpfSize.Double, BpfRegister.R0, Context, length));
        Evaluate(piece.Precision ?? new LongConstant(1));
        _code.Move(BpfRegister.R1, BpfRegister.R0);
        _code.Jump(BpfCondition.SignedGreater, BpfRegister.R1, 0, isPositive);
        _code.Move(BpfRegister.R1, 1);
        _code.Bind(isPositive);
        _code.Store(BpfSize.Double, Context, length, BpfRegister.R1);
        _code.Jump(BpfCondition.Greater, BpfRegister.R1, RecordFormat.MaxDumped, tooLong);
    }

    /// <summary>Reads as much of the target's memory as the first word says to where the action lets R1 point; R2 = how much.</summary>
    private void EmitDump(ConversionPiece piece, int words, Action pointToCopy)
    {
        int length = words, address = words + 8;
        BpfLabel tooLong = RaiseCold(RuntimeError.DumpTooLong, -1, () => _code.Load(BpfSize.Double, BpfRegister.R0, Context, length));
        BpfLabel fault = RaiseCold(RuntimeError.ReadFault, -1, () => _code.Load(BpfSize.Double, BpfRegister.R0, Context, address));
        Evaluate(piece.Value);
        _code.Store(BpfSize.Double, Context, address, BpfRegister.R0);
        _code.Load(BpfSize.Double, BpfRegister.R2, Context, length);
        // The verifier has not followed the number through memory.
        _code.Jump(BpfCondition.Greater, BpfRegister.R2, RecordFormat.MaxDumped, tooLong);
        pointToCopy();
        _code.Load(BpfSize.Double, BpfRegister.R3, Context, address);
        _code.Call(BpfHelper.ProbeReadUser);
        _code.Jump(BpfCondition.NotEqual, BpfRegister.R0, 0, fault);
    }

    /// <summary>Goes on behind a string of R0 bytes, its length before them and zeros to a multiple of eight behind.</summary>
    private void AdvanceOverText()
    {
        _code.Alu(BpfAluOperator.Add, BpfRegister.R0, 7);
        _code.Alu(BpfAluOperator.And, BpfRegister.R0, ~7);
        _code.Load(BpfSize.Double, BpfRegister.R1, Context, _itemPosition);
        _code.Alu(BpfAluOperator.Add, BpfRegister.R1, BpfRegister.R0);
        _code.Store(BpfSize.Double, Context, _itemPosition, BpfRegister.R1);
        _itemBytes += 8;
    }

    private void FinishItem(uint kind)
    {
        _code.Load(BpfSize.Double, BpfRegister.R2, Context, _itemPosition);
        _code.Alu(BpfAluOperator.Add, BpfRegister.R2, _itemBytes);
        _code.Load(BpfSize.Double, BpfRegister.R1, Context, ContextCells.OutputUsed);
        _code.Store(BpfSize.Double, Context, ContextCells.OutputUsed, BpfRegister.R2);
        _code.Alu(BpfAluOperator.Subtract, BpfRegister.R2, BpfRegister.R1);
        _code.Alu(BpfAluOperator.And, BpfRegister.R1, OutputMask);
        _code.Alu(BpfAluOperator.Add, BpfRegister.R1, Context);
        _code.Move(BpfRegister.R3, unchecked((int)kind));
        _code.Store(BpfSize.Word, BpfRegister.R1, _layout.OutputOffset, BpfRegister.R3);
        _code.Store(BpfSize.Word, BpfRegister.R1, _layout.OutputOffset + 4, BpfRegister.R2);
    }

    /// <summary>Sends the buffer to the ring, before the handler's end; R1 = the context's offset.</summary>
    private Routine Flush => new("flush", 1, _ =>
    {
        EmitContext(BpfRegister.R1);
        EmitFlush();
        _routines.Return(0);
    });

    /// <summary>Sends the buffer to the ring; a full ring is counted.</summary>
    private void EmitFlush()
    {
        BpfLabel empty = _code.NewLabel(), sent = _code.NewLabel();
        _code.Load(BpfSize.Double, BpfRegister.R3, Context, ContextCells.OutputUsed);
        _code.Jump(BpfCondition.Equal, BpfRegister.R3, 0, empty);
        _code.Jump(BpfCondition.Greater, BpfRegister.R3, _layout.OutputBytes, empty);
        _code.LoadMap(BpfRegister.R1, EmitNames.Output);
        _code.Move(BpfRegister.R2, Context);
        _code.Alu(BpfAluOperator.Add, BpfRegister.R2, _layout.OutputOffset);
        _code.Move(BpfRegister.R4, 0);
        _code.Call(BpfHelper.RingbufOutput);
        _code.Store(BpfSize.Double, Context, ContextCells.OutputUsed, 0);
        _code.Jump(BpfCondition.Equal, BpfRegister.R0, 0, sent);
        EmitCount(SessionCells.LostRecords);
        _code.Bind(sent);
        _code.Bind(empty);
    }
}
