using Virtap.Language;
using Virtap.Language.Binding.Tree;
using Virtap.Tracing.Ir;
using Virtap.Tracing.Lowering.Analysis;
using Virtap.Tracing.Memory;

namespace Virtap.Tracing.Lowering;

/// <summary>Functions and calls: arguments, locals and results lie at fixed slots.</summary>
public sealed partial class Lowerer
{
    private FunctionSlots SlotsOf(FunctionSymbol function) => _ownFunctions.GetValueOrDefault(function) ?? _functions[function];

    /// <summary>Lowers functions that can call each other, or one; all that they call besides has been lowered.</summary>
    private void LowerFunctions(IReadOnlyList<FunctionSymbol> group, Dictionary<FunctionSymbol, FunctionSlots> into, string suffix)
    {
        int first = FirstSlot;
        foreach (FunctionSymbol function in group)
        {
            foreach (FunctionSymbol callee in _facts.BodyOf(function).Callees)
            {
                if (_facts.GroupOf(callee) != _facts.GroupOf(function))
                    first = Math.Max(first, SlotsOf(callee).End);
            }
        }

        // Arguments and results first, because a group's functions call each other before their frames are complete.
        var outer = new Frame(first, _memory.StringBytes);
        foreach (FunctionSymbol function in group)
        {
            var lowered = new LoweredFunction(UniqueName(function.Name + suffix)) { IsRecursive = _facts.GroupOf(function).IsRecursive };
            ContextSlot[] arguments = [.. function.Parameters.Select(parameter => outer.Of(parameter.Type))];
            ContextSlot? result = function.ReturnType == ScriptType.Unknown ? null : outer.Of(function.ReturnType);
            into[function] = new FunctionSlots(lowered, arguments, result);
        }

        int next = outer.End;
        foreach (FunctionSymbol function in group)
            next = LowerFunction(function, into[function], next);
        foreach (FunctionSymbol function in group)
            into[function].End = next;
    }

    private int LowerFunction(FunctionSymbol function, FunctionSlots slots, int first)
    {
        _body = new Body(new Frame(first, _memory.StringBytes), slots, _countingFunctions.Contains(function));
        slots.Function.Body = LowerBody(function.Body, () => Enter(function, slots), () => ReturnNothing(slots));
        slots.Function.SlotsOffset = first;
        slots.Function.SlotsBytes = _body.Frame.End - first;
        return _body.Frame.End;
    }

    private void Enter(FunctionSymbol function, FunctionSlots slots)
    {
        BodyFacts facts = _facts.BodyOf(function);
        (slots.Function.ReturnTo, slots.Function.CatchAt) = (_body.Frame.Long(), _body.Frame.Long());
        for (int i = 0; i < function.Parameters.Count; i++)
        {
            LocalSymbol parameter = function.Parameters[i];
            ContextSlot location = slots.Arguments[i];
            if (slots.Function.IsRecursive)
            {
                location = _body.Frame.Of(parameter.Type);
                Add(Store(location, At(slots.Arguments[i], parameter.Type)));
            }

            _body.Locals[parameter] = location;
            if (!facts.GoesOnToOverload || !facts.Assigned.Contains(parameter))
                continue;
            ContextSlot original = _body.Frame.Of(parameter.Type);
            Add(Store(original, At(location, parameter.Type)));
            _body.Originals[parameter] = original;
        }

        if (slots.Result is { } result && !slots.Function.IsRecursive)
            Add(Clear(result));
        Declare(function.Locals);
    }

    /// <summary>A way out without a value gives 0 or "": a recursive function's result is that of a call of its own until then.</summary>
    private void ReturnNothing(FunctionSlots slots)
    {
        if (slots is { Result: { } result, Function.IsRecursive: true })
            Add(Clear(result));
    }

    private Value LowerCall(BoundCall call) => Call(call.Function, LowerInOrder(call.Arguments), call.Span);

    private Value Call(FunctionSymbol function, IReadOnlyList<Value> arguments, SourceSpan span)
    {
        FunctionSlots slots = SlotsOf(function);
        for (int i = 0; i < arguments.Count; i++)
            Add(Store(slots.Arguments[i], arguments[i]));
        if (_nesting is { } nesting)
        {
            Add(new LoweredIf(nesting.IsReached, new RaiseKnownError(RuntimeError.NestingExceeded, _sites.Of(span)), null));
            Add(nesting.Change(1));
        }

        Add(new LoweredCall(slots.Function, slots.Function.IsRecursive ? _sites.Of(span) : -1));
        if (_nesting is not null)
            Add(_nesting.Change(-1));
        return slots.Result is { } result ? At(result, function.ReturnType) : new LongConstant(0);
    }

    private void LowerReturn(BoundReturn statement)
    {
        if (statement.Value is not null && _body.Function?.Result is { } result)
        {
            // Where a call in the value could come back to this function, its own result is in the way.
            bool isFree = !_body.Function.Function.IsRecursive;
            Add(Store(result, Lower(statement.Value, isFree ? result : null)));
        }
        else if (_body.Function is { } function)
        {
            ReturnNothing(function);
        }

        Count(1, statement.Span, flush: true);
        Add(new LoweredReturn());
    }

    /// <summary>The next overload takes this one's arguments as they came, and its value is this one's.</summary>
    private void LowerNextOverload(BoundNextOverload statement, FunctionSlots own)
    {
        if (statement.Function.NextOverload is not { } other)
        {
            Add(new RaiseError(Literal("all functions exhausted"), _sites.Of(statement.Span)));
            return;
        }

        var arguments = new List<Value>();
        foreach ((VariableSymbol parameter, ContextSlot location) in _body.Locals.Take(own.Arguments.Count))
            arguments.Add(At(_body.Originals.GetValueOrDefault(parameter) ?? location, parameter.Type));
        Value value = Call(other, arguments, statement.Span);
        if (own.Result is { } result)
            Add(Store(result, value));
        Count(1, statement.Span, flush: true);
        Add(new LoweredReturn());
    }

    /// <summary>Names of functions become names of subprograms: letters, digits and underscores, each once.</summary>
    private string UniqueName(string name)
    {
        string unique = name;
        for (int i = 2; !_functionNames.Add(unique); i++)
            unique = $"{name}_{i}";
        return unique;
    }
}
