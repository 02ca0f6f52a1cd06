using Virtap.Language.Binding;
using Virtap.Language.Binding.Symbols;
using Virtap.Language.Binding.Tree;
using Virtap.Tracing.Lowering.Analysis;
using Virtap.Tracing.Lowering.Tree;
using Virtap.Tracing.Memory;

namespace Virtap.Tracing.Lowering;

/// <summary>Loops, those of the script and those that its array operations need.</summary>
public sealed partial class Lowerer
{
    private void LowerLoop(BoundLoop statement)
    {
        if (statement.Initializer is { } initializer)
        {
            LowerUnused(initializer);
            Count(1, statement.Span);
        }

        Count(1, statement.Span, flush: true);
        int slots = _body.Frame.Next;
        LongExpression condition = new LongConstant(1);
        LoweredBlock prelude = Apart(() =>
        {
            if (statement.Condition is not null)
                condition = LowerLong(statement.Condition);
        });
        _body.Frame.Release(slots);
        LoweredBlock body = Apart(() =>
        {
            Count(1, statement.Span);
            Lower(statement.Body);
            Count(0, statement.Body.Span, flush: true);
        });
        LoweredBlock? step = statement.Step is null ? null : Apart(() => LowerUnused(statement.Step));
        if (condition is LongConstant { Value: 0 } && prelude.Statements.Count == 0)
            return;
        Add(new LoweredLoop(prelude.Statements.Count == 0 ? null : prelude, condition, body, step));
        if (step is not null)
            Count(1, statement.Span);
    }

    private void LowerForEach(BoundForEach statement)
    {
        ArrayLayout array = _arrays[statement.Array];
        if (statement.SortExtractor is not null)
            NotSupported("aggregates", statement.Span);
        LoweredKey[] slice = LowerSlice(statement.Slice ?? []);
        SlotPlace? left = null;
        if (statement.Limit is { } limit)
        {
            left = _body.Frame.Long();
            Add(new StoreLong(left, LowerLong(limit)));
        }

        if (statement.SortKey is int sortKey)
        {
            ScriptType type = sortKey < 0 ? array.ValueType : array.KeyTypes[sortKey];
            Add(new SortArray(array, sortKey < 0 ? array.ValueOffset : array.KeyOffsets[sortKey], type == ScriptType.String, statement.Descending));
        }

        Count(1, statement.Span, flush: true);
        LongExpression? isLeft = left is null ? null : new LongBinary(LongOperator.Greater, new LongAt(left), new LongConstant(0));
        AddIteration(array, isLeft, entry =>
        {
            // As in SystemTap, the limit counts the entries looked at, and the variables take the keys of those that a slice leaves out, too.
            if (left is not null)
                Add(new StoreLong(left, new LongBinary(LongOperator.Subtract, new LongAt(left), new LongConstant(1))));
            Count(1, statement.Span);
            for (int i = 0; i < statement.Keys.Count; i++)
                Add(Store(PlaceOf(statement.Keys[i]), KeyAt(array, entry, i)));
            if (statement.Value is { } value)
                Add(Store(PlaceOf(value), At(new EntryPlace(entry, array.ValueOffset), array.ValueType)));
            if (statement.Slice is { } asked && Mismatch(array, entry, slice, asked) is { } mismatch)
                Add(new LoweredIf(mismatch, new LoweredContinue(), null));
            LowerIteration(statement, entry);
            Count(0, statement.Body.Span, flush: true);
        });
    }

    private void LowerIteration(BoundForEach statement, LongExpression entry)
    {
        // Globals are left alone: a function that the body calls could assign them.
        BodyFacts facts = BodyFacts.Of(statement.Body);
        bool isKnown = statement.Keys.Distinct().Count() == statement.Keys.Count
            && statement.Keys.All(key => key is LocalSymbol && !facts.Assigned.Contains(key) && key != statement.Value);
        if (isKnown)
            _body.Iterations.Add(new Iteration(statement.Array, statement.Keys, entry));
        Lower(statement.Body);
        if (isKnown)
            _body.Iterations.RemoveAt(_body.Iterations.Count - 1);
    }

    /// <summary>Goes through an array's entries in their order.</summary>
    /// <param name="array">The array.</param>
    /// <param name="condition">What must hold for another entry; null for nothing.</param>
    /// <param name="body">Adds what is done with an entry, which may be deleted by it.</param>
    private void AddIteration(ArrayLayout array, LongExpression? condition, Action<LongExpression> body)
    {
        SlotPlace entry = _body.Frame.Long(), next = _body.Frame.Long();
        Add(new StoreLong(next, new FirstEntry(array, FromEnd: false)));
        LongExpression more = new LongBinary(LongOperator.NotEqual, new LongAt(next), new LongConstant(0));
        if (condition is not null)
            more = new LongLogical(IsAnd: true, more, condition);
        LoweredBlock loop = Apart(() =>
        {
            // The next entry is fetched before the body runs, because the body may delete the one at hand.
            Add(new StoreLong(entry, new LongAt(next)));
            Add(new StoreLong(next, new NextEntry(array, new LongAt(entry), Backward: false)));
            body(new LongAt(entry));
        });
        Add(new LoweredLoop(null, more, loop, null));
    }

    /// <summary>The values of a slice's keys, in slots of their own because the loop looks at them again and again.</summary>
    private LoweredKey[] LowerSlice(IReadOnlyList<BoundExpression?> slice)
    {
        LoweredKey[] values = LowerInOrder([.. slice.OfType<BoundExpression>()]);
        for (int i = 0; i < values.Length; i++)
        {
            if (!IsStable(values[i]))
                values[i] = Keep(values[i], _statements.Count);
        }

        return values;
    }

    /// <summary>Whether an entry's keys differ from a slice's; null where the slice asks for nothing.</summary>
    private static LongExpression? Mismatch(ArrayLayout array, LongExpression entry, LoweredKey[] slice, IReadOnlyList<BoundExpression?> asked)
    {
        LongExpression? mismatch = null;
        int next = 0;
        for (int i = 0; i < asked.Count; i++)
        {
            if (asked[i] is null)
                continue;
            LongExpression differs = Compare(LongOperator.NotEqual, KeyAt(array, entry, i), slice[next++]);
            mismatch = mismatch is null ? differs : new LongLogical(IsAnd: false, mismatch, differs);
        }

        return mismatch;
    }

    private static LoweredKey KeyAt(ArrayLayout array, LongExpression entry, int number) => At(new EntryPlace(entry, array.KeyOffsets[number]), array.KeyTypes[number]);
}
