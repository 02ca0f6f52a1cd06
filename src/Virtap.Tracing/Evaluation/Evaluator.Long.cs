using System.Diagnostics;
using Virtap.Tracing.Lowering.Tree;
using Virtap.Tracing.Memory;
using StringComparison = Virtap.Tracing.Lowering.Tree.StringComparison;

namespace Virtap.Tracing.Evaluation;

/// <summary>Integer expressions. While an error is being raised their values mean nothing.</summary>
public sealed partial class Evaluator
{
    private long Evaluate(LongExpression expression) => expression switch
    {
        LongConstant constant => constant.Value,
        LongAt at => WordAt(at.Place),
        LongBinary binary => EvaluateBinary(binary),
        LongLogical logical => EvaluateLogical(logical),
        LongUnary unary => EvaluateUnary(unary),
        StringComparison comparison => EvaluateComparison(comparison),
        FindEntry find => FindEntry(find),
        NextEntry next => _memory.Field(Evaluate(next.Entry), next.Backward ? ArrayLayout.EntryPreviousAt : ArrayLayout.EntryNextAt),
        FirstEntry first => _memory.Word(first.Array.Offset + (first.FromEnd ? ArrayLayout.LastAt : ArrayLayout.FirstAt)),
        LongConditional conditional => Evaluate(Evaluate(conditional.Condition) != 0 ? conditional.WhenTrue : conditional.WhenFalse),
        ContextLong context => EvaluateContext(context.Value),
        StringLength length => _strings.Read(EvaluateString(length.Operand)).Length,
        TargetValue target => EvaluateMachine(target.Value, target.Site),
        TargetLoad load => LoadTarget(Evaluate(load.Address), load.Size, load.SignExtend, load.Site),
        _ => throw new UnreachableException($"{expression.GetType().Name} is no expression of the lowered tree"),
    };

    /// <summary>The word at a place; that of an array's entry 0 is a zero.</summary>
    private ref long WordAt(Place place)
    {
        switch (place)
        {
            case SlotPlace slot: return ref _memory.Word(_own + slot.Offset);
            case GlobalPlace global: return ref _memory.Word(global.Offset);
            case EntryPlace entry: return ref _memory.Field(Evaluate(entry.Entry), entry.Offset);
            default: throw new UnreachableException($"{place.GetType().Name} is no place of the lowered tree");
        }
    }

    private long EvaluateUnary(LongUnary unary)
    {
        long value = Evaluate(unary.Operand);
        return unary.Operator switch
        {
            LongUnaryOperator.Negate => unchecked(-value),
            LongUnaryOperator.BitwiseNot => ~value,
            _ => value == 0 ? 1 : 0,
        };
    }

    private long EvaluateBinary(LongBinary binary)
    {
        long left = Evaluate(binary.Left), right = Evaluate(binary.Right);
        return binary.Operator switch
        {
            LongOperator.Add => unchecked(left + right),
            LongOperator.Subtract => unchecked(left - right),
            LongOperator.Multiply => unchecked(left * right),
            LongOperator.Divide or LongOperator.Modulo => Divide(left, right, binary),
            LongOperator.And => left & right,
            LongOperator.Or => left | right,
            LongOperator.Xor => left ^ right,
            LongOperator.ShiftLeft => left << (int)(right & 63),
            LongOperator.ShiftRight => left >> (int)(right & 63),
            LongOperator.ShiftRightLogical => left >>> (int)(right & 63),
            _ => Holds(binary.Operator, left.CompareTo(right)) ? 1 : 0,
        };
    }

    /// <summary>Division with C's signs. The smallest number divided by -1 is itself, as wrapping arithmetic says.</summary>
    private long Divide(long left, long right, LongBinary binary)
    {
        if (right == 0)
        {
            Raise(RuntimeError.DivisionByZero, binary.Site);
            return 0;
        }

        if (binary.Operator == LongOperator.Divide)
            return right == -1 ? unchecked(-left) : left / right;
        return right == -1 ? 0 : left % right;
    }

    private long EvaluateLogical(LongLogical logical)
    {
        bool left = Evaluate(logical.Left) != 0;
        if (left != logical.IsAnd)
            return left ? 1 : 0;
        return Evaluate(logical.Right) != 0 ? 1 : 0;
    }

    private long EvaluateComparison(StringComparison comparison)
    {
        long left = EvaluateString(comparison.Left), right = EvaluateString(comparison.Right);
        return Holds(comparison.Operator, _strings.Compare(left, right)) ? 1 : 0;
    }

    /// <summary>Whether a comparison holds for two values of which the first is less than (-), equal to (0) or greater than (+) the second.</summary>
    private static bool Holds(LongOperator comparison, int order) => comparison switch
    {
        LongOperator.Equal => order == 0,
        LongOperator.NotEqual => order != 0,
        LongOperator.Less => order < 0,
        LongOperator.LessOrEqual => order <= 0,
        LongOperator.Greater => order > 0,
        _ => order >= 0,
    };

    private long EvaluateContext(ContextValue value) => value switch
    {
        ContextValue.Pid => _context.Pid,
        ContextValue.Tid => _context.Tid,
        ContextValue.Ppid => _context.Ppid,
        ContextValue.Uid => _context.Uid,
        ContextValue.Gid => _context.Gid,
        ContextValue.Cpu => _context.Cpu,
        ContextValue.InstructionPointer => (long)_context.InstructionPointer,
        >= ContextValue.Argument1 and <= ContextValue.Argument6 => ReadArgument(value - ContextValue.Argument1 + 1),
        ContextValue.Target => _memory.Word(SessionCells.Target),
        ContextValue.MonotonicNanoseconds => Monotonic(),
        ContextValue.RealtimeNanoseconds => Monotonic() + _memory.Word(SessionCells.RealtimeOffset),
        ContextValue.Cycles => (long)((UInt128)(ulong)Monotonic() * (ulong)_memory.Word(SessionCells.CyclesPerNanosecond) >> 32),
        _ => throw new UnreachableException($"{value} is no context value of the lowered tree"),
    };

    /// <summary>CLOCK_MONOTONIC, nanoseconds: the clock of bpf_ktime_get_ns, so that times of both machines can be subtracted.</summary>
    private static long Monotonic() => Stopwatch.GetTimestamp() * (1_000_000_000 / Stopwatch.Frequency);
}
