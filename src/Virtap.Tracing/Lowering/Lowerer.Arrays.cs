using Virtap.Language.Binding.Tree;
using Virtap.Tracing.Lowering.Tree;
using Virtap.Tracing.Memory;

namespace Virtap.Tracing.Lowering;

/// <summary>Elements of arrays: reading, asking for, deleting.</summary>
public sealed partial class Lowerer
{
    private LoweredKey LowerElement(BoundElement element)
    {
        ArrayLayout array = _arrays[element.Array];
        if (_body.Iterations.FindLast(iteration => iteration.Has(element)) is { } at)
            return At(new EntryPlace(at.Entry, array.ValueOffset), array.ValueType);
        return At(new EntryPlace(new FindEntry(array, LowerInOrder(element.Keys)), array.ValueOffset), array.ValueType);
    }

    /// <summary>With a key left open, a loop looks for any entry that matches.</summary>
    private LongExpression LowerMembership(BoundMembership membership)
    {
        ArrayLayout array = _arrays[membership.Array];
        LoweredKey[] keys = LowerSliceOrKeys(membership.Keys);
        if (!membership.Keys.Contains(null))
            return new LongBinary(LongOperator.NotEqual, new FindEntry(array, keys), new LongConstant(0));
        SlotPlace found = _body.Frame.Long();
        Add(new StoreLong(found, new LongConstant(0)));
        AddIteration(array, null, entry =>
        {
            if (Mismatch(array, entry, keys, membership.Keys) is { } mismatch)
                Add(new LoweredIf(mismatch, new LoweredContinue(), null));
            Add(new StoreLong(found, new LongConstant(1)));
            Add(new LoweredBreak());
        });
        return new LongAt(found);
    }

    private void LowerDelete(BoundDeleteElement statement)
    {
        ArrayLayout array = _arrays[statement.Array];
        if (statement.Keys.All(key => key is null))
        {
            Add(new ClearArray(array));
            return;
        }

        LoweredKey[] keys = LowerSliceOrKeys(statement.Keys);
        if (!statement.Keys.Contains(null))
        {
            Add(new DeleteEntry(array, keys));
            return;
        }

        AddIteration(array, null, entry =>
        {
            Add(new LoweredIf(Mismatch(array, entry, keys, statement.Keys)!, new LoweredContinue(), null));
            Add(new DeleteEntry(array, [.. Enumerable.Range(0, array.KeyTypes.Count).Select(i => KeyAt(array, entry, i))]));
        });
    }

    private LoweredKey[] LowerSliceOrKeys(IReadOnlyList<BoundExpression?> keys) =>
        keys.Contains(null) ? LowerSlice(keys) : LowerInOrder([.. keys.OfType<BoundExpression>()]);
}
