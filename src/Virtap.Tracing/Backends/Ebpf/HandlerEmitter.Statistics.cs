using Virtap.Bpf.Instructions;
using Virtap.Bpf.Programs;
using Virtap.Language.Binding.Tree;
using Virtap.Tracing.Backends.Ebpf.Routines;
using Virtap.Tracing.Ir;
using Virtap.Tracing.Memory;

namespace Virtap.Tracing.Backends.Ebpf;

/// <summary>
/// Aggregates. Nobody else adds to a part in the handler's own context, and who adds to an array's entry holds the lock: plain loads and
/// stores do.
/// </summary>
internal sealed partial class HandlerEmitter
{
    /// <summary>R0 = the value, which stays there.</summary>
    private void EmitAddToStatistic(AddToStatistic add)
    {
        BpfRegister place;
        int at = 0;
        switch (add.Target)
        {
            case ContextSlot slot when slot.Offset + add.Layout.Bytes <= short.MaxValue:
                Evaluate(add.Value);
                (place, at) = (Context, slot.Offset);
                break;
            case ContextSlot slot:
                Evaluate(add.Value);
                PointToSlot(BpfRegister.R1, slot.Offset);
                place = BpfRegister.R1;
                break;
            default:
                var field = (EntryField)add.Target;
                EvaluatePair(add.Value, field.Entry);
                _code.Move(BpfRegister.R2, BpfRegister.R1);
                EmitPointer(BpfRegister.R1, BpfRegister.R2);
                (place, at) = (BpfRegister.R1, field.Offset);
                break;
        }

        new StatisticAddition(_code, _routines, add.Layout, place, at).Emit();
    }

    private void EmitMerge(MergeStatistic merge)
    {
        RequireLoops("reading an aggregate");
        OffsetOfSlot(BpfRegister.R1, merge.Into.Offset);
        _code.Move(BpfRegister.R2, merge.Part.Offset);
        _routines.Call(Routine.MergeStatistic(merge.Layout));
    }

    private void EmitClear(ClearStatistic clear)
    {
        RequireLoops("deleting an aggregate");
        _code.Move(BpfRegister.R1, clear.Part.Offset);
        _routines.Call(Routine.ClearStatistic(clear.Layout));
    }

    /// <summary>R0 = the count of a bucket. Its index is masked: a script may change its loop's variable.</summary>
    private void EvaluateBucket(BucketOf bucket) => WithTemporary(1, index =>
    {
        Evaluate(bucket.Index);
        _code.Store(BpfSize.Double, Context, index, BpfRegister.R0);
        EvaluateLocationOffset(bucket.Buckets);
        _code.Load(BpfSize.Double, BpfRegister.R1, Context, index);
        _code.Alu(BpfAluOperator.And, BpfRegister.R1, HistogramBuckets.Max - 1);
        _code.Alu(BpfAluOperator.ShiftLeft, BpfRegister.R1, 3);
        _code.Alu(BpfAluOperator.Add, BpfRegister.R0, BpfRegister.R1);
        EmitPointer(BpfRegister.R1, BpfRegister.R0);
        _code.Load(BpfSize.Double, BpfRegister.R0, BpfRegister.R1, 0);
    });

    /// <summary>Adds the counts of a histogram's buckets to the item, as the bytes of a text.</summary>
    private void AppendBuckets(HistogramPiece piece)
    {
        int bytes = HistogramBuckets.CountOf(piece.Shape) * 8;
        _code.LoadConstant(BpfRegister.R0, bytes);
        AppendLong();
        EvaluateLocationOffset(piece.Buckets);
        EmitPointer(BpfRegister.R3, BpfRegister.R0);
        PointToItem(BpfRegister.R1);
        _code.Alu(BpfAluOperator.Add, BpfRegister.R1, _layout.OutputOffset + _itemBytes);
        _code.Move(BpfRegister.R2, bytes);
        _code.Call(BpfHelper.ProbeReadKernel);
        _itemBytes += bytes;
    }
}
