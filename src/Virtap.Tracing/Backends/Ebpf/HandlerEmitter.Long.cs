using Virtap.Binaries.Code;
using Virtap.Bpf.Instructions;
using Virtap.Bpf.Programs;
using Virtap.Language.Library;
using Virtap.Tracing.Backends.Ebpf.Emission;
using Virtap.Tracing.Backends.Ebpf.Routines;
using Virtap.Tracing.Ir;
using Virtap.Tracing.Memory;
using Virtap.Tracing.Probes;

namespace Virtap.Tracing.Backends.Ebpf;

/// <summary>Integer expressions: the value ends in R0; R1-R5 are lost.</summary>
internal sealed partial class HandlerEmitter
{
    private void Evaluate(LongExpression expression)
    {
        if (TryLoad(expression, BpfRegister.R0))
            return;
        switch (expression)
        {
            case LongAt at: EvaluateLocation(at.Location); break;
            case LongUnary unary: EvaluateUnary(unary); break;
            case LongBinary { Operator: < LongOperator.Equal } binary: EvaluateArithmetic(binary); break;
            case LongBinary or LongLogical or TextComparison: EvaluateTruth(expression); break;
            case LongConditional conditional: EvaluateConditional(conditional); break;
            case PatternMatch match: EvaluateMatch(match); break;
            case ContextWord word: EvaluateContextWord(word); break;
            case TableWord word: EvaluateTableWord(word); break;
            case CounterValue counter: EvaluateCounter(counter); break;
            case StringLength length: EvaluateStringLength(length); break;
            case LongExtend extend:
                Evaluate(extend.Operand);
                EmitExtend(BpfRegister.R0, extend.Size, extend.SignExtend);
                break;
            case TargetRegister register: EvaluateRegister(register); break;
            case TargetLoad load: EvaluateTargetLoad(load); break;
            case ContextLong context: EvaluateContext(context.Value); break;
            case KernelMemberOffset member: EvaluateMemberOffset(member); break;
            case FindEntry find: EvaluateFind(find); break;
            case FirstEntry { Array: var array } first:
                LoadGlobal(BpfRegister.R0, array.Offset + (first.FromEnd ? ArrayLayout.LastAt : ArrayLayout.FirstAt));
                break;
            case NextEntry next:
                Evaluate(next.Entry);
                EmitPointer(BpfRegister.R1, BpfRegister.R0);
                int link = next.Backward ? ArrayLayout.EntryPreviousAt : ArrayLayout.EntryNextAt;
                _code.Load(BpfSize.Double, BpfRegister.R0, BpfRegister.R1, link);
                break;
            default: throw new NotEmittableException($"{expression.GetType().Name} has no form in eBPF yet");
        }
    }

    /// <summary>A number, or the memory offset of a string.</summary>
    private void Evaluate(Value value) => value.Match(
        number =>
        {
            Evaluate(number);
            return true;
        },
        text =>
        {
            EvaluateString(text);
            return true;
        });

    /// <summary>Loads what needs no other register than its own: constants, slots, globals, registers of the target.</summary>
    private bool TryLoad(LongExpression expression, BpfRegister destination)
    {
        switch (expression)
        {
            case LongConstant constant: _code.LoadConstant(destination, constant.Value); return true;
            case LongAt { Location: ContextSlot { Offset: <= short.MaxValue } slot }:
                _code.Load(BpfSize.Double, destination, Context, slot.Offset);
                return true;
            case LongAt { Location: GlobalSlot global }: LoadGlobal(destination, global.Offset); return true;
            case TracepointWord word: _code.Load(BpfSize.Double, destination, Registers, word.Number * 8); return true;
            case TargetRegister register when HasRegistersAtHand: LoadRegister(destination, register.Register); return true;
            case LongExtend { Operand: TargetRegister register } extend when HasRegistersAtHand:
                LoadRegister(destination, register.Register);
                EmitExtend(destination, extend.Size, extend.SignExtend);
                return true;
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
            _code.Store(BpfSize.Double, Context, saved, BpfRegister.R0);
            Evaluate(right);
            _code.Move(BpfRegister.R1, BpfRegister.R0);
            _code.Load(BpfSize.Double, BpfRegister.R0, Context, saved);
        });
    }

    private void EvaluateLocation(Location location)
    {
        switch (location)
        {
            case ContextSlot slot:
                PointToSlot(BpfRegister.R1, slot.Offset);
                _code.Load(BpfSize.Double, BpfRegister.R0, BpfRegister.R1, 0);
                break;
            case EntryField entry:
                Evaluate(entry.Entry);
                EmitPointer(BpfRegister.R1, BpfRegister.R0);
                _code.Load(BpfSize.Double, BpfRegister.R0, BpfRegister.R1, entry.Offset);
                break;
            case GlobalSlot global:
                LoadGlobal(BpfRegister.R0, global.Offset);
                break;
            case BucketOf bucket:
                EvaluateBucket(bucket);
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
    /// R0 / R1 or R0 % R1 with C's signs, from the unsigned operations that every kernel has. The smallest number divided by -1 is
    /// itself, as wrapping arithmetic says.
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
        _code.Bind(dividendPositive);
        _code.Jump(BpfCondition.SignedGreaterOrEqual, BpfRegister.R1, 0, divisorPositive);
        _code.Negate(BpfRegister.R1);
        _code.Bind(divisorPositive);
        _code.Alu(isModulo ? BpfAluOperator.Modulo : BpfAluOperator.Divide, BpfRegister.R0, BpfRegister.R1);
        _code.Jump(BpfCondition.SignedGreaterOrEqual, BpfRegister.R2, 0, done);
        _code.Negate(BpfRegister.R0);
        _code.Bind(done);
    }

    private void EvaluateConditional(LongConditional conditional) => EmitEither(
        conditional.Condition, () => Evaluate(conditional.WhenTrue), () => Evaluate(conditional.WhenFalse));

    /// <summary>One of two values, a number or a string.</summary>
    private void EmitEither(LongExpression condition, Action whenTrue, Action whenFalse)
    {
        BpfLabel otherwise = _code.NewLabel(), done = _code.NewLabel();
        Branch(condition, otherwise, when: false);
        whenTrue();
        _code.Jump(done);
        _code.Bind(otherwise);
        whenFalse();
        _code.Bind(done);
    }

    private void EvaluateContextWord(ContextWord word) => EmitWordOf(word.Index, word.Count, word.First.Offset, isInContext: true);

    private void EvaluateTableWord(TableWord word) => EmitWordOf(word.Index, word.Count, word.TableOffset, isInContext: false);

    /// <summary>R0 = a word of those that follow each other in memory, or 0 where the index is none of theirs.</summary>
    private void EmitWordOf(LongExpression index, int count, int first, bool isInContext)
    {
        BpfLabel outside = _code.NewLabel(), done = _code.NewLabel();
        Evaluate(index);
        _code.Jump(BpfCondition.GreaterOrEqual, BpfRegister.R0, count, outside);
        _code.Alu(BpfAluOperator.ShiftLeft, BpfRegister.R0, 3);
        if (isInContext)
            _code.Alu(BpfAluOperator.Add, BpfRegister.R0, ContextOffset);
        _code.Alu(BpfAluOperator.Add, BpfRegister.R0, first);
        EmitPointer(BpfRegister.R1, BpfRegister.R0);
        _code.Load(BpfSize.Double, BpfRegister.R0, BpfRegister.R1, 0);
        _code.Jump(done);
        _code.Bind(outside);
        _code.Move(BpfRegister.R0, 0);
        _code.Bind(done);
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
        EmitMemoryLoad(load);
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
            case ContextValue.SessionProcess:
                LoadGlobal(BpfRegister.R0, SessionCells.OwnProcess);
                break;
            case ContextValue.SessionUser:
                LoadGlobal(BpfRegister.R0, SessionCells.OwnUser);
                break;
            case >= ContextValue.LoadOfMinute and <= ContextValue.LoadOfQuarterHour:
                LoadGlobal(BpfRegister.R0, SessionCells.LoadOfMinute + ((value - ContextValue.LoadOfMinute) * 8));
                break;
            case ContextValue.ReturningFunction:
                EvaluateReturningFunction();
                break;
            case ContextValue.InstructionPointer:
                EvaluateInstructionPointer();
                break;
            case >= ContextValue.Argument1 and <= ContextValue.Argument6:
                int argument = value - ContextValue.Argument1 + 1;
                MachineRegister register = _target is SyscallTarget
                    ? SyscallTarget.Argument(argument) : ArgumentRegisters.Of(_options.Architecture, argument);
                EvaluateRegister(register.DwarfNumber);
                break;
            case ContextValue.Cycles:
                EvaluateCycles();
                break;
            case ContextValue.Ticks:
                _code.Call(BpfHelper.Jiffies64);
                break;
            default:
                EvaluateOfTask(value);
                break;
        }
    }

    /// <summary>
    /// R0 = the thread's ids in this process's namespace, that of its process in the upper half; 0 for threads of other namespaces, as
    /// elsewhere in the kernel.
    /// </summary>
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
            PointToSlot(BpfRegister.R3, ids);
            _code.Move(BpfRegister.R4, 8);
            _code.Call(BpfHelper.GetNsCurrentPidTgid);
            _code.Load(BpfSize.Double, BpfRegister.R0, Context, ids);
        });
    }

    /// <summary>R0 = what a perf event has counted.</summary>
    private void EvaluateCounter(CounterValue value) => WithTemporary(CounterPrograms.Words, words =>
    {
        BpfLabel failed = RaiseCold(RuntimeError.CounterUnreadable, value.Site);
        CounterPrograms.EmitRead(
            _code, value.Number, _program.Counters[value.Number],
            (register, word) => PointToSlot(register, words + (word * sizeof(long))), failed);
    });

    /// <summary>
    /// Time in ticks of the cycle counter: nanoseconds times a 32.32 fixed point factor, in two halves so that nothing overflows.
    /// </summary>
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
}
