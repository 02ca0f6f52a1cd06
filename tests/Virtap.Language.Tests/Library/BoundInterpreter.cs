using System.Globalization;
using System.Text;
using Virtap.Language.Binding.Tree;
using Virtap.Language.Formats;
using Virtap.Language.Library;
using Virtap.Language.Syntax.Tree;

namespace Virtap.Language.Tests.Library;

/// <summary>
/// Runs bound bodies as simply as can be, to see what tapset functions do: no limits, no aggregates, and a machine whose clocks and memory
/// the test sets.
/// </summary>
internal sealed class BoundInterpreter(BoundProgram program)
{
    private readonly Dictionary<GlobalSymbol, Dictionary<string, object>> _arrays = [];
    private readonly Dictionary<GlobalSymbol, object> _globals = [];
    private readonly StringBuilder _output = new();
    private Dictionary<LocalSymbol, object> _locals = [];
    private object? _result;

    private enum Flow
    {
        Next,
        Break,
        Continue,
        Return,
        Leave,
    }

    /// <summary>CLOCK_REALTIME and CLOCK_MONOTONIC, in nanoseconds.</summary>
    public long Clock { get; set; }

    /// <summary>Target memory: strings by their addresses, numbers elsewhere; what is not there cannot be read.</summary>
    public Dictionary<long, object> Memory { get; } = [];

    public List<string> Warnings { get; } = [];

    public bool HasExited { get; private set; }

    /// <summary>Runs the probes at some probe points, or all, and gives what they print; an error ends a probe with its text.</summary>
    public string Run(params IReadOnlyList<string> points)
    {
        IEnumerable<BoundProbe> probes = points.Count == 0
            ? program.Probes : points.Select(point => program.Probes.Single(probe => probe.Targets[0].Point == point));
        foreach (BoundProbe probe in probes)
        {
            _locals = [];
            try
            {
                Do(probe.Body);
            }
            catch (ScriptError error)
            {
                _output.Append("ERROR: ").Append(error.Message).Append('\n');
            }
        }

        return _output.ToString();
    }

    private Flow Do(BoundStatement statement)
    {
        switch (statement)
        {
            case BoundBlock block:
                foreach (BoundStatement inner in block.Statements)
                {
                    if (Do(inner) is var flow and not Flow.Next)
                        return flow;
                }

                return Flow.Next;
            case BoundExpressionStatement { Expression: var expression }:
                try
                {
                    Evaluate(expression);
                }
                catch (LeaveProbe)
                {
                    return Flow.Leave;
                }

                return Flow.Next;
            case BoundIf choice:
                return Holds(choice.Condition) ? Do(choice.Then) : choice.Else is { } otherwise ? Do(otherwise) : Flow.Next;
            case BoundLoop loop:
                return Do(loop);
            case BoundBreak:
                return Flow.Break;
            case BoundContinue:
                return Flow.Continue;
            case BoundNext:
                return Flow.Leave;
            case BoundReturn result:
                _result = result.Value is { } value ? Evaluate(value) : null;
                return Flow.Return;
            case BoundTry attempt:
                try
                {
                    return Do(attempt.Body);
                }
                catch (ScriptError error)
                {
                    if (attempt.Variable is { } variable)
                        Set(variable, error.Message);
                    return Do(attempt.Handler);
                }

            case BoundDeleteElement delete:
                Entries(delete.Array).Remove(KeyText([.. delete.Keys.Select(key => Evaluate(key!)!)]));
                return Flow.Next;
            case BoundDeleteVariable { Variable: GlobalSymbol { IsArray: true } array }:
                Entries(array).Clear();
                return Flow.Next;
            default:
                throw new NotSupportedException(statement.GetType().Name);
        }
    }

    private Flow Do(BoundLoop loop)
    {
        if (loop.Initializer is { } initializer)
            Evaluate(initializer);
        while (loop.Condition is null || Holds(loop.Condition))
        {
            Flow flow = Do(loop.Body);
            if (flow == Flow.Break)
                break;
            if (flow is Flow.Return or Flow.Leave)
                return flow;
            if (loop.Step is { } step)
                Evaluate(step);
        }

        return Flow.Next;
    }

    private bool Holds(BoundExpression condition) => Number(condition) != 0;

    private long Number(BoundExpression expression) => (long)Evaluate(expression)!;

    private string Text(BoundExpression expression) => (string)Evaluate(expression)!;

    private object? Evaluate(BoundExpression expression)
    {
        switch (expression)
        {
            case BoundLong number:
                return number.Value;
            case BoundString text:
                return text.Value;
            case BoundVariable variable:
                return Get(variable.Symbol);
            case BoundElement element:
                return Entries(element.Array).GetValueOrDefault(KeyText(Keys(element))) ?? Zero(element.Type);
            case BoundUnary unary:
                long operand = Number(unary.Operand);
                return unary.Operator switch
                {
                    SyntaxOperator.Negate => unchecked(-operand),
                    SyntaxOperator.BitNot => ~operand,
                    _ => operand == 0 ? 1L : 0L,
                };
            case BoundBinary { Operator: SyntaxOperator.LogicalAnd } and:
                return Holds(and.Left) && Holds(and.Right) ? 1L : 0L;
            case BoundBinary { Operator: SyntaxOperator.LogicalOr } or:
                return Holds(or.Left) || Holds(or.Right) ? 1L : 0L;
            case BoundBinary binary:
                return Calculate(binary.Operator, Evaluate(binary.Left)!, Evaluate(binary.Right)!);
            case BoundConcatenation both:
                return Text(both.Left) + Text(both.Right);
            case BoundConditional choice:
                return Evaluate(Holds(choice.Condition) ? choice.WhenTrue : choice.WhenFalse);
            case BoundMembership membership:
                return Entries(membership.Array).ContainsKey(KeyText([.. membership.Keys.Select(key => Evaluate(key!)!)])) ? 1L : 0L;
            case BoundAssignment assignment:
                object value = Evaluate(assignment.Value)!;
                if (assignment.Operator == SyntaxOperator.Concatenate)
                    value = Text(assignment.Target) + (string)value;
                else if (assignment.Operator != SyntaxOperator.Assign)
                    value = Calculate(assignment.Operator, Evaluate(assignment.Target)!, value);
                Store(assignment.Target, value);
                return value;
            case BoundIncrement increment:
                long old = Number(increment.Target);
                Store(increment.Target, old + increment.Change);
                return increment.IsPrefix ? old + increment.Change : old;
            case BoundCall call:
                return Call(call);
            case BoundBuiltInCall call:
                return Call(call.Function, [.. call.Arguments.Select(argument => Evaluate(argument)!)]);
            case BoundFormat format:
                return Format(format.Pieces);
            case BoundPrint { Into: PrintChannel.Warning } warning:
                Warnings.Add(Format(warning.Pieces).TrimEnd('\n'));
                return null;
            case BoundPrint print:
                _output.Append(Format(print.Pieces));
                return null;
            default:
                throw new NotSupportedException(expression.GetType().Name);
        }
    }

    private static long Calculate(SyntaxOperator operation, object left, object right)
    {
        if (left is string || operation is >= SyntaxOperator.Equal and <= SyntaxOperator.GreaterOrEqual)
        {
            int order = left is string text ? string.CompareOrdinal(text, (string)right) : ((long)left).CompareTo((long)right);
            return operation switch
            {
                SyntaxOperator.Equal => order == 0,
                SyntaxOperator.NotEqual => order != 0,
                SyntaxOperator.Less => order < 0,
                SyntaxOperator.LessOrEqual => order <= 0,
                SyntaxOperator.Greater => order > 0,
                _ => order >= 0,
            }
                ? 1L
                : 0L;
        }

        long a = (long)left, b = (long)right;
        return unchecked(operation switch
        {
            SyntaxOperator.Add => a + b,
            SyntaxOperator.Subtract => a - b,
            SyntaxOperator.Multiply => a * b,
            SyntaxOperator.Divide => b == 0 ? throw new ScriptError("division by 0") : a / b,
            SyntaxOperator.Modulo => b == 0 ? throw new ScriptError("division by 0") : a % b,
            SyntaxOperator.ShiftLeft => a << (int)b,
            SyntaxOperator.ShiftRight => a >> (int)b,
            SyntaxOperator.ShiftRightLogical => a >>> (int)b,
            SyntaxOperator.BitAnd => a & b,
            SyntaxOperator.BitOr => a | b,
            SyntaxOperator.BitXor => a ^ b,
            _ => throw new NotSupportedException(operation.ToString()),
        });
    }

    private object? Call(BoundCall call)
    {
        object[] arguments = [.. call.Arguments.Select(argument => Evaluate(argument)!)];
        Dictionary<LocalSymbol, object> outer = _locals;
        _locals = [];
        for (int i = 0; i < arguments.Length; i++)
            _locals[call.Function.Parameters[i]] = arguments[i];
        _result = null;
        try
        {
            if (Do(call.Function.Body) == Flow.Leave)
                throw new LeaveProbe();
            return _result ?? Zero(call.Function.ReturnType);
        }
        finally
        {
            _locals = outer;
        }
    }

    private object? Call(BuiltIn function, object[] arguments)
    {
        switch (function.Meaning)
        {
            case ContextRead { Value: ContextValue.RealtimeNanoseconds or ContextValue.MonotonicNanoseconds or ContextValue.Cycles }:
                return Clock;
            case ContextRead { Value: ContextValue.Tid }:
                return 17L;
            case ContextRead { Value: ContextValue.Cpu }:
                return 3L;
            case Operation { What: BuiltInOperation.ThreadName }:
                return "qemu";
            case ContextRead { Value: ContextValue.InstructionPointer }:
                return 0x401000L;
            case RegisterRead:
                return 1000 + (long)arguments[0];
            case ContextRead { Value: >= ContextValue.Argument1 and <= ContextValue.Argument6 and var argument }:
                return -(long)(argument - ContextValue.Argument1 + 1);
            case Operation { What: BuiltInOperation.StringLength }:
                return (long)((string)arguments[0]).Length;
            case Operation { What: BuiltInOperation.Substring }:
                string text = (string)arguments[0];
                long start = (long)arguments[1], length = (long)arguments[2];
                return start < 0 || start >= text.Length
                    || length <= 0 ? "" : text.Substring((int)start, (int)Math.Min(length, text.Length - start));
            case Operation { What: BuiltInOperation.Exit }:
                HasExited = true;
                return null;
            case Operation { What: BuiltInOperation.Error }:
                throw new ScriptError((string)arguments[0]);
            case MemoryRead or StringRead:
                return Memory.GetValueOrDefault((long)arguments[0]) ?? throw new ScriptError($"read fault at 0x{arguments[0]:x}");
            default:
                throw new NotSupportedException(function.Name);
        }
    }

    private string Format(IReadOnlyList<BoundFormatPiece> pieces)
    {
        var text = new StringBuilder();
        foreach (BoundFormatPiece piece in pieces)
        {
            if (piece is BoundFormatText literal)
            {
                text.Append(literal.Text);
                continue;
            }

            var conversion = (BoundFormatConversion)piece;
            string value = conversion.Conversion switch
            {
                FormatConversion.String => Text(conversion.Value),
                FormatConversion.Signed => Number(conversion.Value).ToString(CultureInfo.InvariantCulture),
                FormatConversion.Hexadecimal => Number(conversion.Value).ToString("x", CultureInfo.InvariantCulture),
                FormatConversion.Octal => Convert.ToString(Number(conversion.Value), 8),
                FormatConversion.Character => Character((char)Number(conversion.Value), conversion.Flags.HasFlag(FormatFlags.Alternate)),
                _ => throw new NotSupportedException(conversion.Conversion.ToString()),
            };
            int width = conversion.Width is null ? 0 : (int)Number(conversion.Width);
            text.Append(
                conversion.Flags.HasFlag(FormatFlags.LeftJustify)
                ? value.PadRight(width) : value.PadLeft(width, conversion.Flags.HasFlag(FormatFlags.ZeroPad) ? '0' : ' '));
        }

        return text.ToString();
    }

    private static string Character(char c, bool isEscaped) => isEscaped && c is < ' ' or > '~'
        ? c switch { '\n' => "\\n", '\t' => "\\t", _ => "\\" + Convert.ToString(c, 8).PadLeft(3, '0') }
        : c.ToString();

    private object[] Keys(BoundElement element) => [.. element.Keys.Select(key => Evaluate(key)!)];

    private static string KeyText(object[] keys) => string.Join('\0', keys);

    private Dictionary<string, object> Entries(GlobalSymbol array)
    {
        if (!_arrays.TryGetValue(array, out var entries))
            _arrays.Add(array, entries = []);
        return entries;
    }

    private object Get(VariableSymbol symbol) => symbol switch
    {
        GlobalSymbol global => _globals.TryGetValue(global, out object? value) ? value : global.InitialValue ?? Zero(global.Type),
        _ => _locals.TryGetValue((LocalSymbol)symbol, out object? value) ? value : Zero(symbol.Type),
    };

    private void Set(VariableSymbol symbol, object value)
    {
        if (symbol is GlobalSymbol global)
            _globals[global] = value;
        else
            _locals[(LocalSymbol)symbol] = value;
    }

    private void Store(BoundExpression target, object value)
    {
        if (target is BoundVariable variable)
        {
            Set(variable.Symbol, value);
            return;
        }

        var element = (BoundElement)target;
        Entries(element.Array)[KeyText(Keys(element))] = value;
    }

    private static object Zero(ScriptType type) => type == ScriptType.String ? "" : 0L;

    private sealed class ScriptError(string message) : Exception(message);

    private sealed class LeaveProbe : Exception;
}
