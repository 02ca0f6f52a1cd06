using Virtap.Language.Binding.Tree;
using Virtap.Language.Diagnostics;
using Virtap.Language.Syntax.Tree;

namespace Virtap.Language.Binding.Bodies;

internal sealed partial class BodyBinder
{
    /// <summary>Arrays whose entries a foreach around the statement walks.</summary>
    private readonly List<GlobalSymbol> _iterated = [];

    /// <summary>The array of a name; null, and an error, where there is none with so many indices.</summary>
    private GlobalSymbol? FindArray(NameSyntax name, int arity)
    {
        GlobalSymbol? array = unit.FindLocal(name.Name) is { IsParameter: true } ? null : program.Declarations.FindGlobal(name.Name, _file);
        if (array is null)
        {
            Error(
                $"unresolved arity-{arity} global array {name.Name}, missing global declaration?",
                name.Span,
                Hints.Nearest(
                    name.Name, program.Declarations.AllGlobals.Where(static global => !global.IsLibrary)
                    .Select(static global => global.Name))
                    ?? $"declare it with: global {name.Name}");
            return null;
        }

        return _types.LearnArity(array, arity, name.Span) ? array : null;
    }

    private BoundExpression BindElement(ElementSyntax element)
    {
        if (element.Array is HistogramSyntax histogram)
            return BindBucket(histogram, element.Keys, element.Span);
        var name = (NameSyntax)element.Array;
        if (FindArray(name, element.Keys.Count) is not { } array)
        {
            foreach (ExpressionSyntax? key in element.Keys)
            {
                if (key is not null)
                    BindValue(key);
            }

            return new BoundError(name.Span);
        }

        List<BoundExpression> keys = [];
        List<BoundExpression?> bound = BindKeys(array, element.Keys);
        for (int i = 0; i < bound.Count; i++)
        {
            if (bound[i] is null)
                Error(
                    "wildcard not allowed in array index", name.Span,
                    "'*' is for delete, in and foreach: one element has all its indices");
            keys.Add(bound[i] ?? new BoundError(name.Span));
        }

        return new BoundElement(name.Span, array, keys);
    }

    /// <summary>Indices, null for <c>*</c>.</summary>
    private List<BoundExpression?> BindKeys(GlobalSymbol array, IReadOnlyList<ExpressionSyntax?> keys)
    {
        List<BoundExpression?> bound = [];
        for (int i = 0; i < keys.Count; i++)
            bound.Add(keys[i] is { } key ? BindKey(array, i, key) : null);
        return bound;
    }

    private BoundExpression BindKey(GlobalSymbol array, int index, ExpressionSyntax key)
    {
        BoundExpression bound = BindValue(key, array.KeyTypes![index]);
        if (bound.Type != ScriptType.Unknown)
            _types.LearnKey(array, index, bound.Type, bound.Span);
        else if (array.KeyTypes[index] == ScriptType.Unknown)
            WaitFor(array);
        else
            Teach(bound, array.KeyTypes[index]);
        return Known(bound);
    }

    private BoundExpression BindMembership(MembershipSyntax membership)
    {
        // As in SystemTap: what the bucket holds, which is a truth too.
        if (membership.Collection is HistogramSyntax histogram)
            return BindBucket(histogram, membership.Keys, membership.OperatorSpan);
        var name = (NameSyntax)membership.Collection;
        if (FindArray(name, membership.Keys.Count) is not { } array)
            return new BoundError(name.Span);
        array.IsRead = true;
        if (array.Type == ScriptType.Unknown)
        {
            WaitFor(array);
            ReportUnresolved(name.Span);
        }

        return new BoundMembership(membership.OperatorSpan, array, BindKeys(array, membership.Keys));
    }

    /// <summary>An entry of an array is added, changed or deleted.</summary>
    private void MarkChanged(GlobalSymbol array, SourceSpan span)
    {
        array.IsWritten = true;
        unit.ChangedArrays.Add(array);
        if (_iterated.Contains(array))
            Error($"variable '{array.Name}' modified during 'foreach' iteration", span);
    }

    private BoundStatement BindForEach(ForEachSyntax loop) => loop.Collection switch
    {
        HistogramSyntax histogram => BindForEachBucket(loop, histogram),
        NameSyntax name when FindArray(name, loop.Keys.Count) is { } array => BindForEach(loop, name, array),
        _ => Nothing(loop),
    };

    private BoundStatement BindForEach(ForEachSyntax loop, NameSyntax name, GlobalSymbol array)
    {
        array.IsRead = true;
        List<VariableSymbol> keys = [];
        for (int i = 0; i < loop.Keys.Count; i++)
        {
            if (FindScalar(loop.Keys[i].Name, loop.Keys[i].Span) is not { } key)
                return Nothing(loop);
            key.IsWritten = true;
            if (key.Type == ScriptType.Unknown)
                _types.Learn(key, array.KeyTypes![i], loop.Keys[i].Span);
            else
                _types.LearnKey(array, i, key.Type, loop.Keys[i].Span);
            CheckKnown(key, array, loop.Keys[i].Span);
            keys.Add(key);
        }

        List<BoundExpression?>? slice = null;
        if (loop.Slice is { } indices)
        {
            if (indices.Count != loop.Keys.Count)
            {
                Error($"unresolved arity-{indices.Count} global array {name.Name}, missing global declaration?", name.Span,
                    $"'{name.Name}' has {loop.Keys.Count} indices, and so has a slice of it");
                return Nothing(loop);
            }

            slice = BindKeys(array, indices);
        }

        (int? sortKey, StatisticOperator? extractor) = BindSort(loop.Sort, array, name.Span);
        VariableSymbol? value = loop.Value is { } valueName ? BindLoopValue(valueName, array) : null;
        BoundExpression? limit = loop.Limit is null ? null : Bind(loop.Limit, ScriptType.Long);

        _iterated.Add(array);
        _loops++;
        BoundStatement body = BindStatement(loop.Body);
        _loops--;
        _iterated.RemoveAt(_iterated.Count - 1);
        return new BoundForEach(loop.Span, array, keys, value, slice, sortKey, loop.Sort?.Descending ?? false, extractor, limit, body);
    }

    private VariableSymbol? BindLoopValue(NameSyntax name, GlobalSymbol array)
    {
        if (FindScalar(name.Name, name.Span) is not { } value)
            return null;
        value.IsWritten = true;
        if (value.Type == ScriptType.Unknown)
            _types.Learn(value, array.Type, name.Span);
        else
            _types.Learn(array, value.Type, name.Span);
        CheckKnown(value, array, name.Span);
        return value;
    }

    /// <summary>A loop variable that has no type yet.</summary>
    private void CheckKnown(VariableSymbol variable, GlobalSymbol array, SourceSpan span)
    {
        if (variable.Type != ScriptType.Unknown)
            return;
        WaitFor(variable);
        WaitFor(array);
        ReportUnresolved(span);
    }

    /// <summary>By what a loop sorts, and what it takes out of an aggregate for that.</summary>
    private (int? Key, StatisticOperator? Extractor) BindSort(SortSyntax? sort, GlobalSymbol array, SourceSpan name)
    {
        if (sort is null)
            return (null, null);
        if (sort.Extractor is { } extractor)
        {
            if (array.Type is ScriptType.Long or ScriptType.String)
                Error($"invalid type {TypeTable.Name(array.Type)}", name, "what is not fed with <<< is sorted by its value: in array-");
            else
                _types.Learn(array, ScriptType.Statistics, sort.Span);
            return (sort.Key, extractor);
        }

        if (sort.Key >= 0 || array.Type == ScriptType.Long || array.Type == ScriptType.String)
            return (sort.Key, null);
        if (array.Type == ScriptType.Unknown)
            WaitFor(array);
        return (sort.Key, StatisticOperator.Count);
    }
}
