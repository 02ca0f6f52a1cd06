using Virtap.Language;
using Virtap.Language.Binding.Tree;
using Virtap.Language.Library;
using Virtap.Tracing.Ir;
using Virtap.Tracing.Lowering.Analysis;
using Virtap.Tracing.Memory;

namespace Virtap.Tracing.Lowering;

/// <summary>Statements, and the counting of them.</summary>
public sealed partial class Lowerer
{
    /// <summary>
    /// So many statements are counted together at most, as in SystemTap; the fewer, the sooner an endless loop is noticed.
    /// </summary>
    private const int MaxUncounted = 10;

    private LoweredBlock LowerBody(BoundStatement body, Action enter, Action? end = null)
    {
        return Apart(() =>
        {
            enter();
            _body.FirstTemporary = _body.Frame.Next;
            Lower(body);
            Count(0, body.Span, flush: true);
            end?.Invoke();
        });
    }

    /// <summary>Gives locals their slots and their first values, 0 and "".</summary>
    private void Declare(IReadOnlyList<LocalSymbol> locals)
    {
        foreach (LocalSymbol local in locals)
        {
            ContextSlot location = _body.Frame.Of(local.Type);
            _body.Locals[local] = location;
            Add(Clear(location));
        }
    }

    private void Add(LoweredStatement statement) => _statements.Add(statement);

    /// <summary>Gathers statements on their own.</summary>
    private LoweredBlock Apart(Action lower) => Apart(() =>
    {
        lower();
        return true;
    }).Statements;

    /// <summary>Gathers on their own the statements that a value is moved out to, which come before it.</summary>
    private (LoweredBlock Statements, T Value) Apart<T>(Func<T> lower)
    {
        List<LoweredStatement> outer = _statements;
        _statements = [];
        T value = lower();
        var block = new LoweredBlock(_statements);
        _statements = outer;
        return (block, value);
    }

    /// <summary>The statements of a branch or a loop's body, counted by their end.</summary>
    private LoweredBlock LowerBranch(BoundStatement statement) => Apart(() =>
    {
        Lower(statement);
        Count(0, statement.Span, flush: true);
    });

    /// <summary>Notes statements as run; flushed where ways part or join, and when there are many.</summary>
    private void Count(int actions, SourceSpan span, bool flush = false)
    {
        if (!_body.CountsActions)
            return;
        _body.UncountedActions += actions;
        if (_body.UncountedActions == 0 || (!flush && _body.UncountedActions < MaxUncounted))
            return;
        Add(new CountActions(_body.UncountedActions, _sites.Of(span)));
        _body.UncountedActions = 0;
    }

    private void Lower(BoundStatement statement)
    {
        int slots = _body.Frame.Next, first = _statements.Count;
        switch (statement)
        {
            case BoundBlock block:
                foreach (BoundStatement each in block.Statements)
                    Lower(each);
                break;
            case BoundExpressionStatement expression:
                LowerUnused(expression.Expression);
                Count(1, expression.Span);
                break;
            case BoundIf condition: LowerIf(condition); break;
            case BoundLoop loop: LowerLoop(loop); break;
            case BoundForEach loop: LowerForEach(loop); break;
            case BoundForEachBucket loop: LowerForEachBucket(loop); break;
            case BoundBreak: LowerLeaving(statement, new LoweredBreak()); break;
            case BoundContinue: LowerLeaving(statement, new LoweredContinue()); break;
            case BoundNext: LowerLeaving(statement, new LoweredLeave()); break;
            case BoundReturn @return: LowerReturn(@return); break;
            case BoundNextOverload next: LowerNextOverload(next, _body.Function!); break;
            case BoundTry attempt: LowerTry(attempt); break;
            case BoundDeleteElement delete:
                LowerDelete(delete);
                Count(1, delete.Span);
                break;
            case BoundDeleteVariable delete:
                LowerDelete(delete);
                Count(1, delete.Span);
                break;
            default: throw new InvalidOperationException($"{statement.GetType().Name} is no statement of the bound tree");
        }

        if (_statements.Count > first)
            _spans.TryAdd(_statements[first], statement.Span);
        _body.Frame.Release(slots);
    }

    private void LowerLeaving(BoundStatement statement, LoweredStatement leaving)
    {
        Count(1, statement.Span, flush: true);
        Add(leaving);
    }

    private void LowerIf(BoundIf statement)
    {
        Count(1, statement.Condition.Span, flush: true);
        int slots = _body.Frame.Next;
        LongExpression condition = LowerLong(statement.Condition);
        // The branches begin when the condition is settled: they may have its temporaries.
        _body.Frame.Release(slots);
        if (condition is LongConstant constant)
        {
            if ((constant.Value != 0 ? statement.Then : statement.Else) is { } taken)
                Lower(taken);
            return;
        }

        LoweredBlock then = LowerBranch(statement.Then);
        LoweredBlock? otherwise = statement.Else is null ? null : LowerBranch(statement.Else);
        Add(new LoweredIf(condition, then, otherwise));
    }

    private void LowerTry(BoundTry statement)
    {
        Count(0, statement.Body.Span, flush: true);
        Attempt(
            () =>
            {
                Lower(statement.Body);
                Count(0, statement.Body.Span, flush: true);
            },
            () =>
            {
                if (statement.Variable is { } variable)
                {
                    Location location = LocationOf(variable);
                    ContextSlot into = location as ContextSlot ?? _body.Frame.String();
                    Add(new StoreString(location, new ErrorText(into)));
                }

                Count(1, statement.Span, flush: true);
                Lower(statement.Handler);
                Count(0, statement.Handler.Span, flush: true);
            });
    }

    /// <summary>Statements, and those that run where an error has ended them.</summary>
    private void Attempt(Action body, Action handler)
    {
        ContextSlot? depth = null;
        if (_nesting is not null)
            Add(new StoreLong(depth = _body.Frame.Long(), new LongAt(_nesting.Depth)));
        LoweredBlock attempted = Apart(body);
        LoweredBlock otherwise = Apart(() =>
        {
            // The calls that the error came through are over.
            if (depth is not null)
                Add(new StoreLong(_nesting!.Depth, new LongAt(depth)));
            handler();
        });
        Add(new LoweredTry(attempted, otherwise));
    }

    /// <summary>An expression whose value nobody uses.</summary>
    private void LowerUnused(BoundExpression expression)
    {
        switch (expression)
        {
            case BoundAssignment or BoundIncrement when Addition.Of(expression) is { } addition && _sharing.IsAtomic(addition.Global):
                LowerAtomicAdd(addition);
                break;
            case BoundAssignment assignment:
                LowerAssignment(assignment);
                break;
            case BoundIncrement increment:
                LowerIncrement(increment, isUsed: false);
                break;
            case BoundAccumulation accumulation:
                LowerAccumulation(accumulation, isUsed: false);
                break;
            case BoundPrint print:
                LowerPrint(print);
                break;
            case BoundBuiltInCall { Function.Meaning: Operation { What: BuiltInOperation.Exit } }:
                Add(new RequestExit());
                break;
            case BoundBuiltInCall { Function.Meaning: Operation { What: BuiltInOperation.Error } } raise:
                Add(new RaiseError(LowerString(raise.Arguments[0]), _sites.Of(raise.Span)));
                break;
            default:
                // What is left of it has no effect but errors: a division by zero is one even if nobody wants the quotient.
                Value value = Lower(expression);
                if (!IsSafe(value))
                    Keep(value, _statements.Count);
                break;
        }
    }

    private void LowerAtomicAdd(Addition addition)
    {
        LongExpression amount = addition.Amount is { } value ? LowerLong(value) : new LongConstant(addition.Change);
        if (addition.IsSubtraction)
            amount = Fold(new LongUnary(LongUnaryOperator.Negate, amount));
        Add(new AtomicAdd(_scalars[addition.Global], amount));
    }

    private void LowerDelete(BoundDeleteVariable statement)
    {
        if (statement.Variable is GlobalSymbol { IsArray: true } array)
            Add(new ClearArray(_arrays[array]));
        else if (statement.Variable is GlobalSymbol { Type: ScriptType.Statistics } global)
            Add(new ClearStatistic((ContextSlot)_statistics[global].Start, _statistics[global].Layout));
        else
            Add(Clear(LocationOf(statement.Variable)));
    }
}
