using Virtap.Language;
using Virtap.Language.Binding.Tree;
using Virtap.Language.Syntax.Tree;
using Virtap.Tracing.Ir;
using Virtap.Tracing.Lowering.Analysis;
using Virtap.Tracing.Memory;
using Virtap.Tracing.Runtime;

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
        (LoweredBlock prelude, LongExpression condition) = Apart(() =>
            statement.Condition is null ? new LongConstant(1) : LowerLong(statement.Condition));
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
        Value[] slice = LowerSlice(statement.Slice ?? []);
        ContextSlot? left = LowerLimit(statement.Limit);
        if (statement.SortKey is int sortKey)
        {
            (int field, ScriptType type) = SortFieldOf(array, sortKey, statement.SortExtractor);
            Add(new SortArray(array, field, type, statement.Descending, LimitOf(statement, left)));
        }

        Count(1, statement.Span, flush: true);
        AddIteration(array, left is null ? null : IsLeft(left), entry =>
        {
            // As in SystemTap, the limit counts the entries looked at, and the variables take the keys of those that a slice leaves out,
            // too.
            if (left is not null)
                Add(TakeOne(left));
            Count(1, statement.Span);
            for (int i = 0; i < statement.Keys.Count; i++)
                Add(Store(LocationOf(statement.Keys[i]), KeyAt(array, entry, i)));
            if (statement.Value is { } value)
                Add(Store(LocationOf(value), ValueAt(array, entry)));
            if (statement.Slice is { } asked && Mismatch(array, entry, slice, asked) is { } mismatch)
                Add(new LoweredIf(mismatch, new LoweredContinue(), null));
            LowerIteration(statement, entry);
            Count(0, statement.Body.Span, flush: true);
        });
    }

    /// <summary>Where a loop keeps how many turns it may still take; null where it has no limit.</summary>
    private ContextSlot? LowerLimit(BoundExpression? limit)
    {
        if (limit is null)
            return null;
        ContextSlot left = _body.Frame.Long();
        Add(new StoreLong(left, LowerLong(limit)));
        return left;
    }

    private static LongBinary IsLeft(ContextSlot left) => new(LongOperator.Greater, new LongAt(left), new LongConstant(0));

    private static StoreLong TakeOne(ContextSlot left) =>
        new(left, new LongBinary(LongOperator.Subtract, new LongAt(left), new LongConstant(1)));

    /// <summary>The field of its entries that an array is sorted by; what has to be computed first is.</summary>
    private (int Offset, ScriptType Type) SortFieldOf(ArrayLayout array, int key, StatisticOperator? extractor)
    {
        if (key >= 0)
            return (array.KeyOffsets[key], array.KeyTypes[key]);
        return extractor is { } by ? (SortFieldOf(array, by), ScriptType.Long) : (array.ValueOffset, array.ValueType);
    }

    private static LongExpression? LimitOf(BoundForEach statement, ContextSlot? left) =>
        statement.Limit is BoundLong limit ? new LongConstant(limit.Value) : left is null ? null : new LongAt(left);

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
        ContextSlot entry = _body.Frame.Long(), next = _body.Frame.Long();
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
    private Value[] LowerSlice(IReadOnlyList<BoundExpression?> slice)
    {
        Value[] values = LowerInOrder([.. slice.OfType<BoundExpression>()]);
        for (int i = 0; i < values.Length; i++)
        {
            if (!IsStable(values[i]))
                values[i] = Keep(values[i], _statements.Count);
        }

        return values;
    }

    /// <summary>Whether an entry's keys differ from a slice's; null where the slice asks for nothing.</summary>
    private static LongExpression? Mismatch(ArrayLayout array, LongExpression entry, Value[] slice, IReadOnlyList<BoundExpression?> asked)
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
}
