using System.Diagnostics;
using Virtap.Bpf.Inspection;
using Virtap.Language.Library;
using Virtap.Tracing.Ir;
using Virtap.Tracing.Memory;

namespace Virtap.Tracing.Backends.InProcess;

/// <summary>Integer expressions. While an error is being raised their values mean nothing.</summary>
public sealed partial class Evaluator
{
    // Made once: a key's value is asked for at every hit.
    private readonly Func<LongExpression, long> _evaluateNumber;
    private readonly Func<StringExpression, long> _evaluateText;

    /// <summary>A number, or the memory offset of a string.</summary>
    private long Evaluate(Value value) => value.Match(_evaluateNumber, _evaluateText);

    private static bool IsText(Value value) => value.Match(static _ => false, static _ => true);

    private long Evaluate(LongExpression expression) => expression switch
    {
        LongConstant constant => constant.Value,
        LongAt at => WordAt(at.Location),
        LongBinary binary => EvaluateBinary(binary),
        LongLogical logical => EvaluateLogical(logical),
        LongUnary unary => LongArithmetic.Apply(unary.Operator, Evaluate(unary.Operand)),
        TextComparison comparison => EvaluateComparison(comparison),
        FindEntry find => FindEntry(find),
        NextEntry next => _memory.Field(Evaluate(next.Entry), next.Backward ? ArrayLayout.EntryPreviousAt : ArrayLayout.EntryNextAt),
        FirstEntry first => _memory.Word(first.Array.Offset + (first.FromEnd ? ArrayLayout.LastAt : ArrayLayout.FirstAt)),
        LongConditional conditional => Evaluate(Evaluate(conditional.Condition) != 0 ? conditional.WhenTrue : conditional.WhenFalse),
        ContextLong context => EvaluateContext(context.Value),
        PatternMatch match => Match(match.Table, EvaluateString(match.Subject), registers: 0) ? 1 : 0,
        ContextWord word => WordOf(word),
        TableWord word => WordOf(word),
        CounterValue => throw new InvalidOperationException("counters are read in the kernel"),
        StringLength length => _strings.Read(EvaluateString(length.Operand)).Length,
        LongExtend extend => Extend(Evaluate(extend.Operand), extend.Size, extend.SignExtend),
        TargetRegister register => ReadRegister(register.Register, register.Site),
        TargetLoad load => LoadMemory(load),
        KernelMemberOffset member => MeasureMember(member),
        _ => throw new UnreachableException($"{expression.GetType().Name} is no expression of the lowered tree"),
    };

    /// <summary>The word at a location; that of an array's entry 0 is a zero.</summary>
    private ref long WordAt(Location location)
    {
        switch (location)
        {
            case ContextSlot slot: return ref _memory.Word(_own + slot.Offset);
            case GlobalSlot global: return ref _memory.Word(global.Offset);
            case BucketOf bucket: return ref BucketAt(bucket);
            case EntryField entry: return ref _memory.Field(Evaluate(entry.Entry), entry.Offset);
            default: throw new UnreachableException($"{location.GetType().Name} is no location of the lowered tree");
        }
    }

    private long WordOf(TableWord word)
    {
        long index = Evaluate(word.Index);
        return index >= 0 && index < word.Count ? _memory.Word(word.TableOffset + (index * 8)) : 0;
    }

    private long EvaluateBinary(LongBinary binary)
    {
        long left = Evaluate(binary.Left), right = Evaluate(binary.Right);
        if (LongArithmetic.Apply(binary.Operator, left, right) is long value)
            return value;
        Raise(RuntimeError.DivisionByZero, binary.Site);
        return 0;
    }

    private long EvaluateLogical(LongLogical logical)
    {
        bool left = Evaluate(logical.Left) != 0;
        if (left != logical.IsAnd)
            return left ? 1 : 0;
        return Evaluate(logical.Right) != 0 ? 1 : 0;
    }

    private long EvaluateComparison(TextComparison comparison)
    {
        long left = EvaluateString(comparison.Left), right = EvaluateString(comparison.Right);
        return LongArithmetic.Holds(comparison.Operator, _strings.Compare(left, right)) ? 1 : 0;
    }

    private long EvaluateContext(ContextValue value) => value switch
    {
        ContextValue.Pid => _context.Pid,
        ContextValue.Tid => _context.Tid,
        ContextValue.Ppid => _context.Ppid,
        ContextValue.Uid => _context.Uid,
        ContextValue.Gid => _context.Gid,
        ContextValue.EffectiveUid => _context.EffectiveUid,
        ContextValue.EffectiveGid => _context.EffectiveGid,
        ContextValue.ProcessGroup => _context.ProcessGroup,
        ContextValue.Session => _context.Session,
        ContextValue.ArgumentsStart => (long)_context.Strings.ArgumentsStart,
        ContextValue.ArgumentsEnd => (long)_context.Strings.ArgumentsEnd,
        ContextValue.EnvironmentStart => (long)_context.Strings.EnvironmentStart,
        ContextValue.EnvironmentEnd => (long)_context.Strings.EnvironmentEnd,
        ContextValue.Task => (long)_context.Task,
        ContextValue.Cpu => _context.Cpu,
        ContextValue.InstructionPointer => (long)_context.InstructionPointer,
        >= ContextValue.Argument1 and <= ContextValue.Argument6 => ReadArgument(value - ContextValue.Argument1 + 1),
        ContextValue.ReturningFunction => (long)_context.ReturningFunction,
        ContextValue.Target => _memory.Word(SessionCells.Target),
        ContextValue.Ticks => (long)(KernelMemory.Current?.Ticks() ?? 0),
        ContextValue.SessionProcess => _memory.Word(SessionCells.OwnProcess),
        ContextValue.SessionUser => _memory.Word(SessionCells.OwnUser),
        >= ContextValue.LoadOfMinute and <= ContextValue.LoadOfQuarterHour =>
            _memory.Word(SessionCells.LoadOfMinute + ((value - ContextValue.LoadOfMinute) * 8)),
        ContextValue.MonotonicNanoseconds => Monotonic(),
        ContextValue.RealtimeNanoseconds => Monotonic() + _memory.Word(SessionCells.RealtimeOffset),
        ContextValue.Cycles => (long)((UInt128)(ulong)Monotonic() * (ulong)_memory.Word(SessionCells.CyclesPerNanosecond) >> 32),
        _ => throw new UnreachableException($"{value} is no context value of the lowered tree"),
    };

    /// <summary>CLOCK_MONOTONIC, nanoseconds: the clock of bpf_ktime_get_ns, so that times of both machines can be subtracted.</summary>
    private static long Monotonic() => Stopwatch.GetTimestamp() * (1_000_000_000 / Stopwatch.Frequency);
}
