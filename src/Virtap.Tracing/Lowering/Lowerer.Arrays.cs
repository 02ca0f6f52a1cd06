using Virtap.Language.Binding.Tree;
using Virtap.Tracing.Ir;
using Virtap.Tracing.Memory;

namespace Virtap.Tracing.Lowering;

/// <summary>Elements of arrays: reading, asking for, deleting.</summary>
public sealed partial class Lowerer
{
    private Value LowerElement(BoundElement element)
    {
        ArrayLayout array = _arrays[element.Array];
        return _body.Iterations.FindLast(iteration => iteration.Has(element)) is { } at
            ? ValueAt(array, at.Entry)
            : ValueAt(array, new FindEntry(array, LowerInOrder(element.Keys)));
    }

    /// <summary>With a key left open, a loop looks for any entry that matches.</summary>
    private LongExpression LowerMembership(BoundMembership membership)
    {
        ArrayLayout array = _arrays[membership.Array];
        Value[] keys = LowerSliceOrKeys(membership.Keys);
        if (!membership.Keys.Contains(null))
            return new LongBinary(LongOperator.NotEqual, new FindEntry(array, keys), new LongConstant(0));
        ContextSlot found = _body.Frame.Long();
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

        Value[] keys = LowerSliceOrKeys(statement.Keys);
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

    private static EntryField ValueOf(ArrayLayout array, LongExpression entry) => new(array, entry, array.ValueOffset);

    private static Value ValueAt(ArrayLayout array, LongExpression entry) => At(ValueOf(array, entry), array.ValueType);

    private static Value KeyAt(ArrayLayout array, LongExpression entry, int number) =>
        At(new EntryField(array, entry, array.KeyOffsets[number]), array.KeyTypes[number]);

    private Value[] LowerSliceOrKeys(IReadOnlyList<BoundExpression?> keys) =>
        keys.Contains(null) ? LowerSlice(keys) : LowerInOrder([.. keys.OfType<BoundExpression>()]);
}
