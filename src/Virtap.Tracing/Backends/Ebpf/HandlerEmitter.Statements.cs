using Virtap.Bpf.Instructions;
using Virtap.Bpf.Programs;
using Virtap.Language;
using Virtap.Tracing.Backends.Ebpf.Emission;
using Virtap.Tracing.Backends.Ebpf.Routines;
using Virtap.Tracing.Ir;
using Virtap.Tracing.Lowering;
using Virtap.Tracing.Memory;

namespace Virtap.Tracing.Backends.Ebpf;

/// <summary>Statements.</summary>
internal sealed partial class HandlerEmitter
{
    /// <summary>How many statements the one at hand stands in.</summary>
    private int _nesting;

    private void EmitStatement(LoweredStatement statement)
    {
        // What follows a return or an exit in the same block would be refused by the verifier as unreachable.
        if (!_code.IsReachable)
            return;
        SourceSpan? outer = Span;
        if (_program.Spans.TryGetValue(statement, out SourceSpan span))
            Span = span;
        _nesting++;
        EmitReachable(statement);
        _nesting--;
        Span = outer;
    }

    private void EmitReachable(LoweredStatement statement)
    {
        switch (statement)
        {
            case LoweredBlock block:
                foreach (LoweredStatement each in block.Statements)
                {
                    // What a statement of the script became stands in a row, of which the first has the place.
                    if (_program.Spans.TryGetValue(each, out SourceSpan first))
                        Span = first;
                    EmitStatement(each);
                    CutWay();
                }

                break;
            case StoreLong store: EmitStoreLong(store); break;
            case StoreString store: EmitStoreString(store); break;
            case AtomicAdd add:
                Evaluate(add.Value);
                _code.LoadMapValue(BpfRegister.R1, EmitNames.Memory, (uint)add.Target.Offset);
                _code.Atomic(BpfAtomic.Add, BpfRegister.R1, 0, BpfRegister.R0);
                break;
            case EnterEntry enter: EmitEnter(enter); break;
            case DeleteEntry delete: EmitDelete(delete); break;
            case ClearArray clear: EmitClear(clear); break;
            case SortArray sort: EmitSort(sort); break;
            case AddToStatistic add: EmitAddToStatistic(add); break;
            case MergeStatistic merge: EmitMerge(merge); break;
            case ClearStatistic clear: EmitClear(clear); break;
            case LoweredIf condition: EmitIf(condition); break;
            case LoweredLoop loop: EmitLoop(loop); break;
            case LoweredBreak: _code.Jump(_unit.Break!.Value); break;
            case LoweredContinue: _code.Jump(_unit.Continue!.Value); break;
            case LoweredCall call: EmitCall(call.Function); break;
            case LoweredReturn: _code.Jump(_unit.Return); break;
            case LoweredLeave: _code.Jump(_unit.Leave); break;
            case RequestExit: EmitRequestExit(); break;
            case RaiseError raise: EmitRaiseError(raise); break;
            case RaiseKnownError raise: EmitRaise(raise.Error, raise.Site); break;
            case LoweredTry attempt: EmitTry(attempt); break;
            case LoweredPrint print: EmitPrint(print.Format); break;
            case CountActions count: EmitCountActions(count); break;
            case MatchPattern match: EmitMatchPattern(match); break;
            case AcquireLock: EmitLock(); break;
            default: throw new NotEmittableException($"{statement.GetType().Name} has no form in eBPF yet");
        }
    }

    private void EmitStoreLong(StoreLong store)
    {
        switch (store.Target)
        {
            case ContextSlot { Offset: <= short.MaxValue } slot:
                Evaluate(store.Value);
                _code.Store(BpfSize.Double, Context, slot.Offset, BpfRegister.R0);
                break;
            case ContextSlot slot:
                Evaluate(store.Value);
                PointToSlot(BpfRegister.R1, slot.Offset);
                _code.Store(BpfSize.Double, BpfRegister.R1, 0, BpfRegister.R0);
                break;
            case GlobalSlot global:
                Evaluate(store.Value);
                _code.LoadMapValue(BpfRegister.R1, EmitNames.Memory, (uint)global.Offset);
                _code.Store(BpfSize.Double, BpfRegister.R1, 0, BpfRegister.R0);
                break;
            case EntryField entry:
                EvaluatePair(store.Value, entry.Entry);
                EmitPointer(BpfRegister.R2, BpfRegister.R1);
                _code.Store(BpfSize.Double, BpfRegister.R2, entry.Offset, BpfRegister.R0);
                break;
        }
    }

    private void EmitStoreString(StoreString store)
    {
        // A string that is built where it belongs is not copied.
        if (store.Value is BuiltString built && built.Into == store.Target)
        {
            EvaluateString(built);
            return;
        }

        WithTemporary(1, source =>
        {
            EvaluateString(store.Value);
            _code.Store(BpfSize.Double, Context, source, BpfRegister.R0);
            EvaluateLocationOffset(store.Target);
            _code.Move(BpfRegister.R1, BpfRegister.R0);
            _code.Load(BpfSize.Double, BpfRegister.R2, Context, source);
        });
        _routines.Call(Routine.CopyString);
    }

    private void EmitIf(LoweredIf condition)
    {
        BpfLabel otherwise = _code.NewLabel(), done = _code.NewLabel();
        Branch(condition.Condition, otherwise, when: false);
        RequireFewBranches();
        EmitScoped(() => EmitStatement(condition.Then));
        _code.Jump(done);
        _code.Bind(otherwise);
        if (condition.Else is { } alternative && _code.IsReachable)
            EmitScoped(() => EmitStatement(alternative));
        _code.Bind(done);
    }

    private void EmitCountActions(CountActions count)
    {
        _countingSite = count.Site;
        _code.Load(BpfSize.Double, BpfRegister.R0, Context, ContextCells.ActionsLeft);
        _code.Alu(BpfAluOperator.Subtract, BpfRegister.R0, count.Count);
        _code.Store(BpfSize.Double, Context, ContextCells.ActionsLeft, BpfRegister.R0);
        _code.Jump(BpfCondition.SignedLess, BpfRegister.R0, 0, RaiseCold(RuntimeError.ActionsExceeded, count.Site));
    }

    /// <summary>The session stops only if it runs: an error that failed it meanwhile stays.</summary>
    private void EmitRequestExit()
    {
        _code.LoadMapValue(BpfRegister.R1, EmitNames.Memory, SessionCells.State);
        _code.Move(BpfRegister.R0, (int)SessionState.Running);
        _code.Move(BpfRegister.R2, (int)SessionState.Stopping);
        _code.Atomic(BpfAtomic.CompareExchange, BpfRegister.R1, 0, BpfRegister.R2);
        WriteItem(RecordFormat.Exit, RecordFormat.HeaderBytes, () => { });
    }

    private void EmitRaiseError(RaiseError raise)
    {
        EvaluateString(raise.Text);
        _code.Move(BpfRegister.R2, BpfRegister.R0);
        OffsetOfSlot(BpfRegister.R1, ContextCells.ErrorText);
        _routines.Call(Routine.CopyString);
        EmitRaise(RuntimeError.Raised, raise.Site);
    }

    private void EmitRaise(RuntimeError error, int site)
    {
        EmitErrorCells(error, site);
        _code.Store(BpfSize.Double, Context, ContextCells.ErrorValue, 0);
        _code.Jump(_unit.Error);
    }

    /// <summary>As in SystemTap, a handler that has used up its actions does not get more by catching that.</summary>
    private void EmitTry(LoweredTry attempt)
    {
        BpfLabel caught = _code.NewLabel(), done = _code.NewLabel();
        (BpfLabel outer, Catch? outerCatch) = (_unit.Error, _unit.Catch);
        var catching = new Catch();
        (_unit.Error, _unit.Catch) = (caught, catching);
        EmitStatement(attempt.Body);
        (_unit.Error, _unit.Catch) = (outer, outerCatch);
        _code.Jump(done);
        EmitCold();
        _code.Bind(caught);
        if (catching.Block is int block)
            MarkBlock(block);
        if (_code.IsReachable)
        {
            _code.Load(BpfSize.Double, BpfRegister.R0, Context, ContextCells.ActionsLeft);
            _code.Jump(BpfCondition.SignedLess, BpfRegister.R0, 0, outer);
        }

        EmitStatement(attempt.Handler);
        _code.Bind(done);
    }
}
