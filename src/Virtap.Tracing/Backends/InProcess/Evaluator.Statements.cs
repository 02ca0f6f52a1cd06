using System.Diagnostics;
using Virtap.Tracing.Ir;
using Virtap.Tracing.Lowering;
using Virtap.Tracing.Memory;
using Virtap.Tracing.Runtime;

namespace Virtap.Tracing.Backends.InProcess;

/// <summary>Statements.</summary>
public sealed partial class Evaluator
{
    private Flow Execute(LoweredStatement statement)
    {
        switch (statement)
        {
            case LoweredBlock block:
                foreach (LoweredStatement each in block.Statements)
                {
                    if (Execute(each) is var flow and not Flow.Next)
                        return flow;
                }

                return Flow.Next;
            case StoreLong store: return StoreLong(store);
            case LoweredIf condition: return ExecuteIf(condition);
            case StoreString store: return StoreString(store);
            case CountActions count: return CountActions(count);
            case LoweredLoop loop: return ExecuteLoop(loop);
            case LoweredCall call: return Call(call.Function, call.Site);
            case AtomicAdd add: return AddAtomically(add);
            case EnterEntry enter: return EnterEntry(enter);
            case LoweredPrint print: return Print(print.Format);
            case DeleteEntry delete: return DeleteEntry(delete);
            case ClearArray clear: Open(clear.Array).Clear(); return Flow.Next;
            case SortArray sort: return SortArray(sort);
            case AddToStatistic add: return AddToStatistic(add);
            case MergeStatistic merge: return MergeStatistic(merge);
            case ClearStatistic clear: return ClearStatistic(clear);
            case LoweredBreak: return Flow.Break;
            case LoweredContinue: return Flow.Continue;
            case LoweredReturn: return Flow.Return;
            case LoweredLeave: return Flow.Leave;
            case LoweredTry attempt: return ExecuteTry(attempt);
            case RaiseError raise: return RaiseError(raise);
            case RaiseKnownError raise:
                Raise(raise.Error, raise.Site);
                return Flow.Fail;
            case RequestExit: return StopSession();
            case MatchPattern match: return MatchPattern(match);
            case AcquireLock: return TryAcquireLock() ? Flow.Next : Flow.Skip;
            default: throw new UnreachableException($"{statement.GetType().Name} is no statement of the lowered tree");
        }
    }

    /// <summary>Where a statement leads that has done its work, if nothing in it failed.</summary>
    private Flow End() => _failing ? Flow.Fail : Flow.Next;

    private Flow StoreLong(StoreLong store)
    {
        long value = Evaluate(store.Value);
        ref long word = ref WordAt(store.Target);
        if (_failing)
            return Flow.Fail;
        word = value;
        return Flow.Next;
    }

    private Flow StoreString(StoreString store)
    {
        long source = EvaluateString(store.Value);
        long target = OffsetOf(store.Target);
        if (_failing)
            return Flow.Fail;
        _strings.Copy(target, source);
        return Flow.Next;
    }

    private Flow AddAtomically(AtomicAdd add)
    {
        long value = Evaluate(add.Value);
        if (_failing)
            return Flow.Fail;
        Interlocked.Add(ref _memory.Word(add.Target.Offset), value);
        return Flow.Next;
    }

    /// <summary>A branch that takes the lock gives it back where it joins the other one.</summary>
    private Flow ExecuteIf(LoweredIf condition)
    {
        bool isTrue = Evaluate(condition.Condition) != 0;
        if (_failing)
            return Flow.Fail;
        LoweredStatement? branch = isTrue ? condition.Then : condition.Else;
        if (branch is null)
            return Flow.Next;
        bool heldLock = _holdsLock;
        Flow flow = Execute(branch);
        if (!heldLock && flow == Flow.Next)
            ReleaseLock();
        return flow;
    }

    private Flow ExecuteLoop(LoweredLoop loop)
    {
        while (true)
        {
            if (loop.Prelude is { } prelude && Execute(prelude) is var first and not Flow.Next)
                return first == Flow.Break ? Flow.Next : first;
            bool goesOn = Evaluate(loop.Condition) != 0;
            if (_failing)
                return Flow.Fail;
            if (!goesOn)
                return Flow.Next;
            Flow flow = Execute(loop.Body);
            if (flow == Flow.Break)
                return Flow.Next;
            if (flow is not (Flow.Next or Flow.Continue))
                return flow;
            if (loop.Step is { } step && Execute(step) is var last and not Flow.Next)
                return last;
        }
    }

    private Flow CountActions(CountActions count)
    {
        _actionsLeft -= count.Count;
        if (_actionsLeft < 0)
            Raise(RuntimeError.ActionsExceeded, count.Site);
        return End();
    }

    private Flow RaiseError(RaiseError raise)
    {
        long text = EvaluateString(raise.Text);
        if (_failing)
            return Flow.Fail;
        _strings.Copy(_own + ContextCells.ErrorText, text);
        Raise(RuntimeError.Raised, raise.Site);
        return Flow.Fail;
    }

    /// <summary>As in SystemTap, a handler that has used up its actions does not get more by catching that.</summary>
    private Flow ExecuteTry(LoweredTry attempt)
    {
        Flow flow = Execute(attempt.Body);
        if (flow != Flow.Fail || _actionsLeft < 0)
            return flow;
        _failing = false;
        return Execute(attempt.Handler);
    }

    /// <summary>The session stops if it starts or runs: an error that failed it meanwhile stays.</summary>
    private Flow StopSession()
    {
        ref long state = ref _memory.Word(SessionCells.State);
        if (Interlocked.CompareExchange(ref state, (long)SessionState.Stopping, (long)SessionState.Running) == (long)SessionState.Starting)
            Interlocked.CompareExchange(ref state, (long)SessionState.Stopping, (long)SessionState.Starting);
        _output.Begin(RecordFormat.Exit);
        _output.End();
        return Flow.Next;
    }
}
