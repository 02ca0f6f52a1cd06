using Virtap.Tracing.Ir;
using Virtap.Tracing.Memory;
using Virtap.Tracing.Runtime;

namespace Virtap.Tracing.Backends.InProcess;

/// <summary>Arrays: keys become words, a number or a string's offset.</summary>
public sealed partial class Evaluator
{
    private ArrayMemory Open(ArrayLayout array) => new(_memory, _strings, array);

    private void EvaluateKeys(IReadOnlyList<Value> keys, Span<long> words)
    {
        for (int i = 0; i < words.Length; i++)
            words[i] = Evaluate(keys[i]);
    }

    private long FindEntry(FindEntry find)
    {
        Span<long> keys = stackalloc long[find.Keys.Count];
        EvaluateKeys(find.Keys, keys);
        return _failing ? 0 : Open(find.Array).Find(keys, out _);
    }

    private Flow EnterEntry(EnterEntry enter)
    {
        Span<long> keys = stackalloc long[enter.Keys.Count];
        EvaluateKeys(enter.Keys, keys);
        if (_failing)
            return Flow.Fail;
        long entry = Open(enter.Array).Enter(keys);
        if (entry == 0)
            Raise(RuntimeError.ArrayOverflow, enter.Site, enter.Array.SizeLimit);
        else
            _memory.Word(_own + enter.Into.Offset) = entry;
        return End();
    }

    private Flow DeleteEntry(DeleteEntry delete)
    {
        Span<long> keys = stackalloc long[delete.Keys.Count];
        EvaluateKeys(delete.Keys, keys);
        if (_failing)
            return Flow.Fail;
        Open(delete.Array).Delete(keys);
        return Flow.Next;
    }

    private Flow SortArray(SortArray sort)
    {
        ArrayMemory array = Open(sort.Array);
        int first = sort.Limit is { } limit ? Ir.SortArray.Selects(Evaluate(limit)) : 0;
        if (_failing)
            return Flow.Fail;
        array.Relink(first > 0
            ? array.Selected(first, sort.FieldOffset, sort.FieldType, sort.Descending)
            : array.Sorted(sort.FieldOffset, sort.FieldType, sort.Descending));
        return Flow.Next;
    }
}
