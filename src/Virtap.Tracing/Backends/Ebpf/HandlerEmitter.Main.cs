using Virtap.Bpf.Instructions;
using Virtap.Bpf.Programs;
using Virtap.Tracing.Backends.Ebpf.Emission;
using Virtap.Tracing.Backends.Ebpf.Routines;
using Virtap.Tracing.Ir;
using Virtap.Tracing.Lowering;
using Virtap.Tracing.Memory;

namespace Virtap.Tracing.Backends.Ebpf;

/// <summary>How a handler begins and ends: the session's state, a context, the lock, the output.</summary>
internal sealed partial class HandlerEmitter
{
    private void EmitMain(bool isStepwise)
    {
        (BpfLabel error, BpfLabel leave) = (_unit.Error, _unit.Leave);
        _code.Comment("only while the session runs");
        _code.Move(Registers, BpfRegister.R1);
        LoadGlobal(BpfRegister.R1, SessionCells.State);
        _code.Jump(BpfCondition.NotEqual, BpfRegister.R1, (int)SessionState.Running, _skip);
        EmitFilter();
        EmitClaim();
        EmitSiteIndex();
        if (isStepwise)
            EmitStepwise(_handler.Body);
        else
            EmitStatement(_handler.Body);
        _code.Jump(_unit.Leave);
        EmitCold();
        EmitEnd(error, leave);

        _code.Bind(_release);
        _code.Comment("give the context back");
        _code.Load(BpfSize.Double, BpfRegister.R1, BpfRegister.R10, ClaimOffset);
        EmitPointer(BpfRegister.R2, BpfRegister.R1);
        _code.Load(BpfSize.Double, BpfRegister.R3, BpfRegister.R10, ClaimBit);
        _code.Alu(BpfAluOperator.Xor, BpfRegister.R3, -1);
        _code.Atomic(BpfAtomic.And, BpfRegister.R2, 0, BpfRegister.R3);
        _code.Bind(_skip);
        _code.Move(BpfRegister.R0, 0);
        _code.Exit();
    }

    /// <summary>
    /// The whole body as a part of the state machine. The lock, if it needs one, is taken here: it has to be given back in the function
    /// that took it.
    /// </summary>
    private void EmitStepwise(LoweredStatement body)
    {
        if (TakesLock(body))
            EmitLock();
        EmitApart(() => EmitStatement(body), "a probe of this size");
    }

    private static bool TakesLock(LoweredStatement? statement) => statement switch
    {
        AcquireLock => true,
        LoweredBlock block => block.Statements.Any(TakesLock),
        LoweredIf condition => TakesLock(condition.Then) || TakesLock(condition.Else),
        _ => false,
    };

    /// <summary>
    /// Takes a free context of this CPU: a word of bits says which are taken. The program stays on its CPU (migration is off) but may be
    /// preempted by another hit, so there are several.
    /// </summary>
    private void EmitClaim()
    {
        BpfLabel none = Cold(() =>
        {
            EmitCount(SessionCells.SkippedByContext);
            _code.Jump(_skip);
        });
        BpfLabel got = _code.NewLabel(), inRange = _code.NewLabel();

        _code.Comment("claim a context");
        _code.Call(BpfHelper.GetSmpProcessorId);
        _code.Jump(BpfCondition.Less, BpfRegister.R0, _layout.CpuCount, inRange);
        _code.Alu(BpfAluOperator.Modulo, BpfRegister.R0, _layout.CpuCount);
        _code.Bind(inRange);
        _code.Move(BpfRegister.R1, BpfRegister.R0);
        _code.Alu(BpfAluOperator.Multiply, BpfRegister.R1, 64);
        _code.Alu(BpfAluOperator.Add, BpfRegister.R1, _layout.ClaimsOffset);
        _code.Store(BpfSize.Double, BpfRegister.R10, ClaimOffset, BpfRegister.R1);
        EmitPointer(BpfRegister.R2, BpfRegister.R1);
        _code.Alu(BpfAluOperator.Multiply, BpfRegister.R0, _layout.ContextsPerCpu);
        for (int i = 0; i < _layout.ContextsPerCpu; i++)
        {
            _code.Move(BpfRegister.R4, 1 << i);
            _code.Move(BpfRegister.R3, 1 << i);
            _code.Atomic(BpfAtomic.FetchOr, BpfRegister.R2, 0, BpfRegister.R3);
            _code.Alu(BpfAluOperator.And, BpfRegister.R3, 1 << i);
            _code.Jump(BpfCondition.Equal, BpfRegister.R3, 0, got);
            _code.Alu(BpfAluOperator.Add, BpfRegister.R0, 1);
        }

        _code.Jump(none);
        _code.Bind(got);
        _routines.Forget(BpfRegister.R0);
        _routines.Forget(BpfRegister.R4);
        _code.Store(BpfSize.Double, BpfRegister.R10, ClaimBit, BpfRegister.R4);
        _code.Move(ContextOffset, BpfRegister.R0);
        _code.Alu(BpfAluOperator.Multiply, ContextOffset, _layout.ContextBytes);
        _code.Alu(BpfAluOperator.Add, ContextOffset, _layout.ContextsOffset);
        EmitContextPointer();
        _code.Store(BpfSize.Double, Context, ContextCells.OutputUsed, 0);
        _code.LoadConstant(BpfRegister.R1, _handler.MaxActions);
        _code.Store(BpfSize.Double, Context, ContextCells.ActionsLeft, BpfRegister.R1);
        if (_handler.Functions.Any(static function => function.IsRecursive))
            _code.Store(BpfSize.Double, Context, ContextCells.SavedBytes, 0);
    }

    /// <summary>Which of the handler's sites was hit: by the cookie given when it was attached, or by the system call's number.</summary>
    private void EmitSiteIndex()
    {
        if (_handler.Targets.Count <= 1)
        {
            _code.Store(BpfSize.Double, Context, ContextCells.Site, 0);
            return;
        }

        if (_handler.Calls is not null)
        {
            _code.Load(BpfSize.Double, BpfRegister.R0, BpfRegister.R10, CallSite);
        }
        else
        {
            _code.Move(BpfRegister.R1, Registers);
            _code.Call(BpfHelper.GetAttachCookie);
        }

        _code.Store(BpfSize.Double, Context, ContextCells.Site, BpfRegister.R0);
    }

    /// <summary>Where the handler's body ends, with or without an error: report, send what was printed, unlock.</summary>
    private void EmitEnd(BpfLabel error, BpfLabel leave)
    {
        if (_unit.IsLocked)
        {
            // Labels of the locked part replaced those given at the start; they end here too.
            EmitFinish(_unit.Error, _unit.Leave, isLocked: true);
            _unit.IsLocked = false;
        }

        EmitFinish(error, leave, isLocked: false);
    }

    private void EmitFinish(BpfLabel error, BpfLabel leave, bool isLocked)
    {
        BpfLabel flush = _code.NewLabel();
        _code.Bind(leave);
        _code.Jump(flush);
        _code.Bind(error);
        if (_code.IsReachable)
            EmitErrorRecord();
        _code.Bind(flush);
        if (_code.IsReachable)
            EmitFlush();
        if (isLocked)
            EmitUnlock();
        _code.Jump(_release);
    }

    /// <summary>
    /// Takes the lock, and from here to the end of the statement list has errors and ends go through its release. With preemption control
    /// the holder cannot be descheduled, so others wait for as long as a handler runs and no longer.
    /// </summary>
    private void EmitLock()
    {
        if (_unit.IsLocked)
            return;
        BpfLabel busy = Cold(() =>
        {
            EmitPreemption(isOn: true);
            EmitCount(SessionCells.SkippedByLock);
            _code.Move(BpfRegister.R1, 0);
            _code.Store(BpfSize.Double, Context, ContextCells.OutputUsed, BpfRegister.R1);
            _code.Jump(_release);
        });
        BpfLabel got = _code.NewLabel();
        EmitPreemption(isOn: false);
        _code.Comment("lock");
        LockRoutine.EmitExchange(_code, ContextOffset);
        _code.Jump(BpfCondition.Equal, BpfRegister.R0, 0, got);
        EmitWait(busy);
        _code.Bind(got);
        _unit.IsLocked = true;
        _unit.Error = _code.NewLabel();
        _unit.Leave = _code.NewLabel();
        _unit.Return = _unit.Leave;
    }

    /// <summary>
    /// Waits for who has the lock (R0). What an interrupt's probe interrupted on this CPU cannot go on before that probe ends, and is not
    /// waited for; without preemption control it may be a thread that was preempted, which is given a little time.
    /// </summary>
    private void EmitWait(BpfLabel busy)
    {
        BpfLabel elsewhere = _code.NewLabel(), wait = _code.NewLabel();
        EmitCpuOf(BpfRegister.R1, ContextOffset);
        EmitCpuOf(BpfRegister.R2, BpfRegister.R0);
        _code.Jump(BpfCondition.NotEqual, BpfRegister.R1, BpfRegister.R2, elsewhere);
        if (_options.HasPreemptionControl)
        {
            _code.Jump(busy);
        }
        else
        {
            _code.Move(BpfRegister.R2, _options.LockTriesOnSameCpu);
            _code.Jump(wait);
        }

        _code.Bind(elsewhere);
        _code.Move(BpfRegister.R2, _options.LockTriesForProcess);
        _code.Jump(BpfCondition.Equal, BpfRegister.R0, SessionCells.LockedByProcess, wait);
        _code.Move(BpfRegister.R2, _options.LockTries);
        _code.Bind(wait);
        _code.Move(BpfRegister.R1, ContextOffset);
        _routines.Call(Routine.Lock);
        _code.Jump(BpfCondition.NotEqual, BpfRegister.R0, 0, busy);
    }

    /// <summary>destination = the number of the CPU that a context belongs to; one that no CPU has if it is none.</summary>
    private void EmitCpuOf(BpfRegister destination, BpfRegister contextOffset)
    {
        _code.Move(destination, contextOffset);
        _code.Alu(BpfAluOperator.Subtract, destination, _layout.ContextsOffset);
        _code.Alu(BpfAluOperator.Divide, destination, _layout.ContextsPerCpu * _layout.ContextBytes);
    }

    private void EmitUnlock()
    {
        _code.Comment("unlock");
        _code.LoadMapValue(BpfRegister.R1, EmitNames.Memory, SessionCells.Lock);
        _code.Move(BpfRegister.R2, 0);
        _code.Atomic(BpfAtomic.Exchange, BpfRegister.R1, 0, BpfRegister.R2);
        EmitPreemption(isOn: true);
    }

    private void EmitPreemption(bool isOn)
    {
        if (_options.HasPreemptionControl)
            _code.CallKernel(isOn ? "bpf_preempt_enable" : "bpf_preempt_disable");
    }

    /// <summary>
    /// Emits statements whose lock, if they take it, ends with them: a branch that locks must be unlocked before it joins one that did
    /// not.
    /// </summary>
    private void EmitScoped(Action emit)
    {
        if (_unit.IsLocked)
        {
            emit();
            return;
        }

        (BpfLabel error, BpfLabel leave, BpfLabel @return) = (_unit.Error, _unit.Leave, _unit.Return);
        emit();
        if (!_unit.IsLocked)
            return;
        BpfLabel join = _code.NewLabel();
        if (_code.IsReachable)
        {
            EmitFlush();
            EmitUnlock();
        }

        _code.Jump(join);
        EmitCold();
        EmitFinish(_unit.Error, _unit.Leave, isLocked: true);
        _code.Bind(join);
        (_unit.Error, _unit.Leave, _unit.Return, _unit.IsLocked) = (error, leave, @return, false);
    }

    /// <summary>destination = pointer to the memory at the offset in another register.</summary>
    private void EmitPointer(BpfRegister destination, BpfRegister offset) => _routines.EmitPointer(destination, offset);

    private void EmitContextPointer() => _routines.EmitNearPointer(Context, ContextOffset);

    /// <summary>Loads the context's two registers from its offset, for a subprogram.</summary>
    private void EmitContext(BpfRegister offset)
    {
        _code.Move(ContextOffset, offset);
        EmitContextPointer();
    }

    /// <summary>destination = the 64-bit word at a fixed place of memory.</summary>
    private void LoadGlobal(BpfRegister destination, int offset)
    {
        _code.LoadMapValue(destination, EmitNames.Memory, (uint)offset);
        _code.Load(BpfSize.Double, destination, destination, 0);
    }

    private void EmitCount(int cell) => _routines.EmitCount(cell);
}
