using Virtap.Binaries.Machine;
using Virtap.Bpf.Instructions;
using Virtap.Bpf.Programs;
using Virtap.Processes;
using Virtap.Tracing.Emit.Routines;
using Virtap.Tracing.Lowering.Tree;
using Virtap.Tracing.Memory;
using StringComparison = Virtap.Tracing.Lowering.Tree.StringComparison;

namespace Virtap.Tracing.Emit;

/// <summary>Integer expressions: the value ends in R0; R1-R5 are lost.</summary>
internal sealed partial class HandlerEmitter
{
    private void Evaluate(LongExpression expression)
    {
        if (TryLoad(expression, BpfRegister.R0))
            return;
        switch (expression)
        {
            case LongAt at: EvaluatePlace(at.Place); break;
            case LongUnary unary: EvaluateUnary(unary); break;
            case LongBinary { Operator: < LongOperator.Equal } binary: EvaluateArithmetic(binary); break;
            case LongBinary or LongLogical or StringComparison: EvaluateTruth(expression); break;
            case LongConditional conditional: EvaluateConditional(conditional); break;
            case StringLength length: EvaluateStringLength(length); break;
            case TargetValue target: EvaluateMachine(target.Value, target.Site); break;
            case TargetLoad load: EvaluateTargetLoad(load); break;
            case ContextLong context: EvaluateContext(context.Value); break;
            case FindEntry find: EvaluateFind(find); break;
            case FirstEntry first: LoadGlobal(BpfRegister.R0, first.Array.Offset + (first.FromEnd ? ArrayLayout.LastAt : ArrayLayout.FirstAt)); break;
            case NextEntry next:
                Evaluate(next.Entry);
                EmitPointer(BpfRegister.R1, BpfRegister.R0);
                _code.Load(BpfSize.Double, BpfRegister.R0, BpfRegister.R1, next.Backward ? ArrayLayout.EntryPreviousAt : ArrayLayout.EntryNextAt);
                break;
            default: throw new NotEmittableException($"{expression.GetType().Name} has no form in eBPF yet");
        }
    }

    /// <summary>Loads what needs no other register than its own: constants, slots, globals, registers of the target.</summary>
    private bool TryLoad(LongExpression expression, BpfRegister destination)
    {
        switch (expression)
        {
            case LongConstant constant: _code.LoadConstant(destination, constant.Value); return true;
            case LongAt { Place: SlotPlace slot } when slot.Offset <= short.MaxValue: _code.Load(BpfSize.Double, destination, Context, slot.Offset); return true;
            case LongAt { Place: GlobalPlace global }: LoadGlobal(destination, global.Offset); return true;
            case TargetValue target: return TryLoadMachine(target.Value, destination);
            default: return false;
        }
    }

    /// <summary>Evaluates two values into R0 and R1.</summary>
    private void EvaluatePair(LongExpression left, LongExpression right)
    {
        Evaluate(left);
        if (TryLoad(right, BpfRegister.R1))
            return;
        WithTemporary(1, saved =>
        {
            _code.Store(BpfSize.Double, BpfRegister.R10, saved, BpfRegister.R0);
            Evaluate(right);
            _code.Move(BpfRegister.R1, BpfRegister.R0);
            _code.Load(BpfSize.Double, BpfRegister.R0, BpfRegister.R10, saved);
        });
    }

    private void EvaluatePlace(Place place)
    {
        switch (place)
        {
            case SlotPlace slot:
                PointToSlot(BpfRegister.R1, slot.Offset);
                _code.Load(BpfSize.Double, BpfRegister.R0, BpfRegister.R1, 0);
                break;
            case EntryPlace entry:
                Evaluate(entry.Entry);
                EmitPointer(BpfRegister.R1, BpfRegister.R0);
                _code.Load(BpfSize.Double, BpfRegister.R0, BpfRegister.R1, entry.Offset);
                break;
            case GlobalPlace global:
                LoadGlobal(BpfRegister.R0, global.Offset);
                break;
        }
    }

    /// <summary>destination = pointer to a slot that is too far for an instruction's offset.</summary>
    private void PointToSlot(BpfRegister destination, int offset)
    {
        _code.Move(destination, Context);
        _code.Alu(BpfAluOperator.Add, destination, offset);
    }

    private void EvaluateUnary(LongUnary unary)
    {
        if (unary.Operator == LongUnaryOperator.LogicalNot)
        {
            EvaluateTruth(unary);
            return;
        }

        Evaluate(unary.Operand);
        if (unary.Operator == LongUnaryOperator.Negate)
            _code.Negate(BpfRegister.R0);
        else
            _code.Alu(BpfAluOperator.Xor, BpfRegister.R0, -1);
    }

    private void EvaluateArithmetic(LongBinary binary)
    {
        if (binary.Operator is LongOperator.Divide or LongOperator.Modulo)
        {
            EvaluatePair(binary.Left, binary.Right);
            EmitDivision(binary.Operator == LongOperator.Modulo, binary.Site);
            return;
        }

        BpfAluOperator operation = binary.Operator switch
        {
            LongOperator.Add => BpfAluOperator.Add,
            LongOperator.Subtract => BpfAluOperator.Subtract,
            LongOperator.Multiply => BpfAluOperator.Multiply,
            LongOperator.And => BpfAluOperator.And,
            LongOperator.Or => BpfAluOperator.Or,
            LongOperator.Xor => BpfAluOperator.Xor,
            LongOperator.ShiftLeft => BpfAluOperator.ShiftLeft,
            LongOperator.ShiftRightLogical => BpfAluOperator.ShiftRight,
            _ => BpfAluOperator.ShiftRightArithmetic,
        };
        bool isShift = operation is BpfAluOperator.ShiftLeft or BpfAluOperator.ShiftRight or BpfAluOperator.ShiftRightArithmetic;
        if (binary.Right is LongConstant { Value: >= int.MinValue and <= int.MaxValue } constant)
        {
            Evaluate(binary.Left);
            _code.Alu(operation, BpfRegister.R0, (int)(isShift ? constant.Value & 63 : constant.Value));
            return;
        }

        EvaluatePair(binary.Left, binary.Right);
        if (isShift)
            _code.Alu(BpfAluOperator.And, BpfRegister.R1, 63);
        _code.Alu(operation, BpfRegister.R0, BpfRegister.R1);
    }

    /// <summary>
    /// R0 / R1 or R0 % R1 with C's signs, from the unsigned operations that every kernel has. The smallest number divided by -1 is itself, as
    /// wrapping arithmetic says.
    /// </summary>
    private void EmitDivision(bool isModulo, int site)
    {
        BpfLabel dividendPositive = _code.NewLabel(), divisorPositive = _code.NewLabel(), done = _code.NewLabel();
        _code.Jump(BpfCondition.Equal, BpfRegister.R1, 0, RaiseCold(RuntimeError.DivisionByZero, site));
        _code.Move(BpfRegister.R2, BpfRegister.R0);
        if (!isModulo)
            _code.Alu(BpfAluOperator.Xor, BpfRegister.R2, BpfRegister.R1);
        _code.Jump(BpfCondition.SignedGreaterOrEqual, BpfRegister.R0, 0, dividendPositive);
        _code.Negate(BpfRegister.R0);
        _code.Mark(dividendPositive);
        _code.Jump(BpfCondition.SignedGreaterOrEqual, BpfRegister.R1, 0, divisorPositive);
        _code.Negate(BpfRegister.R1);
        _code.Mark(divisorPositive);
        _code.Alu(isModulo ? BpfAluOperator.Modulo : BpfAluOperator.Divide, BpfRegister.R0, BpfRegister.R1);
        _code.Jump(BpfCondition.SignedGreaterOrEqual, BpfRegister.R2, 0, done);
        _code.Negate(BpfRegister.R0);
        _code.Mark(done);
    }

    private void EvaluateConditional(LongConditional conditional)
    {
        BpfLabel whenFalse = _code.NewLabel(), done = _code.NewLabel();
        Branch(conditional.Condition, whenFalse, when: false);
        Evaluate(conditional.WhenTrue);
        _code.Jump(done);
        _code.Mark(whenFalse);
        Evaluate(conditional.WhenFalse);
        _code.Mark(done);
    }

    private void EvaluateStringLength(StringLength length)
    {
        EvaluateString(length.Operand);
        _code.Move(BpfRegister.R1, BpfRegister.R0);
        _routines.Call(Routine.StringLength);
    }

    private void EvaluateTargetLoad(TargetLoad load)
    {
        Evaluate(load.Address);
        EmitUserLoad(load.Size, load.SignExtend, load.Site);
    }

    private void EvaluateContext(ContextValue value)
    {
        switch (value)
        {
            case ContextValue.Pid:
                LoadThreadIds();
                _code.Alu(BpfAluOperator.ShiftRight, BpfRegister.R0, 32);
                break;
            case ContextValue.Tid:
                LoadThreadIds();
                _code.Alu32(BpfAluOperator.Move, BpfRegister.R0, BpfRegister.R0);
                break;
            case ContextValue.Gid:
                _code.Call(BpfHelper.GetCurrentUidGid);
                _code.Alu(BpfAluOperator.ShiftRight, BpfRegister.R0, 32);
                break;
            case ContextValue.Uid:
                _code.Call(BpfHelper.GetCurrentUidGid);
                _code.Alu32(BpfAluOperator.Move, BpfRegister.R0, BpfRegister.R0);
                break;
            case ContextValue.Cpu:
                _code.Call(BpfHelper.GetSmpProcessorId);
                break;
            case ContextValue.MonotonicNanoseconds:
                _code.Call(BpfHelper.KtimeGetNs);
                break;
            case ContextValue.RealtimeNanoseconds:
                _code.Call(BpfHelper.KtimeGetNs);
                LoadGlobal(BpfRegister.R1, SessionCells.RealtimeOffset);
                _code.Alu(BpfAluOperator.Add, BpfRegister.R0, BpfRegister.R1);
                break;
            case ContextValue.Target:
                LoadGlobal(BpfRegister.R0, SessionCells.Target);
                break;
            case ContextValue.InstructionPointer:
                _code.Load(BpfSize.Double, BpfRegister.R0, Registers, InstructionPointerOffset);
                break;
            case >= ContextValue.Argument1 and <= ContextValue.Argument6:
                int register = ArgumentRegisters.Of(_options.Architecture, value - ContextValue.Argument1 + 1).DwarfNumber;
                _code.Load(BpfSize.Double, BpfRegister.R0, Registers, RegisterOffset(register));
                break;
            case ContextValue.Cycles:
                EvaluateCycles();
                break;
            case ContextValue.Ppid when _options.PidNamespace is not null:
                throw new NotEmittableException("ppid() in this probe is " + PidNamespace.NotSupported);
            case ContextValue.Ppid:
                LoadParent();
                EmitKernelLoad(BpfSize.Word, Task("ppid()").Tgid);
                break;
        }
    }

    /// <summary>R0 = the thread's ids in this process's namespace, that of its process in the upper half; 0 for threads of other namespaces, as elsewhere in the kernel.</summary>
    private void LoadThreadIds()
    {
        if (_options.PidNamespace is not { } space)
        {
            _code.Call(BpfHelper.GetCurrentPidTgid);
            return;
        }

        WithTemporary(1, ids =>
        {
            // struct bpf_pidns_info { u32 pid, tgid }, which the helper clears where it fails.
            _code.LoadConstant(BpfRegister.R1, ((long)space.DeviceMajor << 20) | space.DeviceMinor);
            _code.LoadConstant(BpfRegister.R2, (long)space.Inode);
            _code.Move(BpfRegister.R3, BpfRegister.R10);
            _code.Alu(BpfAluOperator.Add, BpfRegister.R3, ids);
            _code.Move(BpfRegister.R4, 8);
            _code.Call(BpfHelper.GetNsCurrentPidTgid);
            _code.Load(BpfSize.Double, BpfRegister.R0, BpfRegister.R10, ids);
        });
    }

    /// <summary>Time in ticks of the cycle counter: nanoseconds times a 32.32 fixed point factor, in two halves so that nothing overflows.</summary>
    private void EvaluateCycles()
    {
        _code.Call(BpfHelper.KtimeGetNs);
        LoadGlobal(BpfRegister.R1, SessionCells.CyclesPerNanosecond);
        _code.Move(BpfRegister.R2, BpfRegister.R0);
        _code.Alu(BpfAluOperator.ShiftRight, BpfRegister.R2, 32);
        _code.Alu(BpfAluOperator.Multiply, BpfRegister.R2, BpfRegister.R1);
        _code.Alu32(BpfAluOperator.Move, BpfRegister.R0, BpfRegister.R0);
        _code.Move(BpfRegister.R3, BpfRegister.R1);
        _code.Alu(BpfAluOperator.ShiftRight, BpfRegister.R3, 32);
        _code.Alu(BpfAluOperator.Multiply, BpfRegister.R3, BpfRegister.R0);
        _code.Alu32(BpfAluOperator.Move, BpfRegister.R1, BpfRegister.R1);
        _code.Alu(BpfAluOperator.Multiply, BpfRegister.R0, BpfRegister.R1);
        _code.Alu(BpfAluOperator.ShiftRight, BpfRegister.R0, 32);
        _code.Alu(BpfAluOperator.Add, BpfRegister.R0, BpfRegister.R3);
        _code.Alu(BpfAluOperator.Add, BpfRegister.R0, BpfRegister.R2);
    }

    private TaskLayout Task(string asked) =>
        _options.Task ?? throw new NotEmittableException($"{asked} in this probe needs the kernel's BTF (/sys/kernel/btf/vmlinux), which is missing");

    /// <summary>R0 = the kernel's address of the current thread's parent.</summary>
    private void LoadParent()
    {
        int parent = Task("the parent process").RealParent;
        _code.Call(BpfHelper.GetCurrentTask);
        EmitKernelLoad(BpfSize.Double, parent);
    }

    /// <summary>R0 = the kernel's memory at R0 + offset; 0 where it cannot be read.</summary>
    private void EmitKernelLoad(BpfSize size, int offset) => WithTemporary(1, word =>
    {
        _code.Move(BpfRegister.R3, BpfRegister.R0);
        _code.Alu(BpfAluOperator.Add, BpfRegister.R3, offset);
        _code.Store(BpfSize.Double, BpfRegister.R10, word, 0);
        _code.Move(BpfRegister.R1, BpfRegister.R10);
        _code.Alu(BpfAluOperator.Add, BpfRegister.R1, word);
        _code.Move(BpfRegister.R2, size == BpfSize.Double ? 8 : 4);
        _code.Call(BpfHelper.ProbeReadKernel);
        _code.Load(size, BpfRegister.R0, BpfRegister.R10, word);
    });
}
