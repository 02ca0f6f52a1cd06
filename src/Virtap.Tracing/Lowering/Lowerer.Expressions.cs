using System.Diagnostics;
using Virtap.Binaries;
using Virtap.Binaries.Code;
using Virtap.Language;
using Virtap.Language.Binding.Tree;
using Virtap.Language.Library;
using Virtap.Language.Syntax.Tree;
using Virtap.Tracing.Ir;
using Virtap.Tracing.Memory;
using Virtap.Tracing.Probes;

namespace Virtap.Tracing.Lowering;

/// <summary>
/// Expressions. Lowering one adds to the statements whatever in it has an effect, and gives what is left of it: an expression to be
/// evaluated behind those statements.
/// </summary>
public sealed partial class Lowerer
{
    /// <summary>Lowers a number or a string. What has no value is the number 0.</summary>
    /// <param name="expression">The expression.</param>
    /// <param name="into">Where to build it, if it is a string that is built: a slot that nothing in the expression looks at.</param>
    private Value Lower(BoundExpression expression, ContextSlot? into = null) => expression switch
    {
        BoundLong number => new LongConstant(number.Value),
        BoundString text => Literal(text.Value),
        BoundVariable { Symbol: GlobalSymbol { IsWritten: false } global } => FirstValueOf(global),
        BoundVariable variable => At(LocationOf(variable.Symbol), variable.Type),
        BoundElement element => LowerElement(element),
        BoundTarget target => LowerTarget(target),
        BoundTargetText text => TextOf(text),
        BoundUnary unary => LowerUnary(unary),
        BoundBinary binary => LowerBinary(binary),
        BoundConcatenation concatenation => LowerConcatenation(concatenation, into),
        BoundConditional conditional => LowerConditional(conditional),
        BoundMembership membership => LowerMembership(membership),
        BoundAssignment assignment => LowerAssignment(assignment),
        BoundIncrement increment => LowerIncrement(increment, isUsed: true),
        BoundCall call => LowerCall(call),
        BoundFormat format => LowerFormat(format, into),
        BoundBuiltInCall call => LowerBuiltIn(call, into),
        BoundMatch match => LowerMatch(match),
        BoundAccumulation accumulation => LowerAccumulation(accumulation, isUsed: true),
        BoundExtract extract => LowerExtract(extract),
        BoundBucket bucket => LowerBucket(bucket),
        BoundPrint print => PrintedValue(print),
        _ => throw new InvalidOperationException($"{expression.GetType().Name} is no value of the bound tree"),
    };

    private LongExpression LowerLong(BoundExpression expression) => Lower(expression).AsNumber();

    private StringExpression LowerString(BoundExpression expression, ContextSlot? into = null) => Lower(expression, into).AsText();

    private StringExpression TextOf(BoundTargetText text) =>
        _texts?.Of(text.Text) ?? throw new InvalidOperationException($"{text.Text} was asked for outside of a handler");

    /// <summary>The value of a global that nothing writes.</summary>
    private Value FirstValueOf(GlobalSymbol global) => global.Type switch
    {
        ScriptType.String => Literal(global.InitialValue as string ?? ""),
        ScriptType.Long or ScriptType.Unknown => new LongConstant(global.InitialValue as long? ?? 0),
        ScriptType.Statistics => throw new UnreachableException("an aggregate is no value"),
    };

    /// <summary>What a print is as a value: a statement before it, and 0.</summary>
    private LongConstant PrintedValue(BoundPrint print)
    {
        LowerPrint(print);
        return new LongConstant(0);
    }

    private LongConstant Unsupported(string what, BoundExpression expression)
    {
        NotSupported(what, expression.Span);
        return new LongConstant(0);
    }

    private LongExpression LowerTarget(BoundTarget target)
    {
        if (target.Source is not MachineSource source)
            throw new InvalidOperationException($"{target.Source.GetType().Name} is no source of Tracing's");
        Value[] operands = LowerInOrder(target.Operands);
        int site = _options.SkipsBadVariables ? TargetLoad.ReadsAsZero : _sites.Of(target.Span, target.Name);
        return TargetReads.Of(source.Value, source.Space, site, [.. operands.Select(static operand => operand.AsNumber())]);
    }

    private LongExpression LowerUnary(BoundUnary unary)
    {
        LongExpression operand = LowerLong(unary.Operand);
        return unary.Operator switch
        {
            SyntaxOperator.Negate => Fold(new LongUnary(LongUnaryOperator.Negate, operand)),
            SyntaxOperator.BitNot => Fold(new LongUnary(LongUnaryOperator.BitwiseNot, operand)),
            SyntaxOperator.LogicalNot => Fold(new LongUnary(LongUnaryOperator.LogicalNot, operand)),
            _ => operand,
        };
    }

    private LongExpression LowerBinary(BoundBinary binary)
    {
        if (binary.Operator is SyntaxOperator.LogicalAnd or SyntaxOperator.LogicalOr)
            return LowerLogical(binary, binary.Operator == SyntaxOperator.LogicalAnd);
        Value[] operands = LowerInOrder([binary.Left, binary.Right]);
        LongOperator operation = OperatorOf(binary.Operator);
        return operation >= LongOperator.Equal
            ? Compare(operation, operands[0], operands[1])
            : Arithmetic(operation, operands[0].AsNumber(), operands[1].AsNumber(), binary);
    }

    private LongExpression Arithmetic(LongOperator operation, LongExpression left, LongExpression right, BoundExpression at)
    {
        bool mayFail = operation is LongOperator.Divide or LongOperator.Modulo && right is not LongConstant { Value: not 0 };
        return Fold(new LongBinary(operation, left, right, mayFail ? _sites.Of(at.Span) : -1));
    }

    private static LongExpression Compare(LongOperator operation, Value left, Value right) =>
        left.Match(
            number => Fold(new LongBinary(operation, number, right.AsNumber())),
            text => new TextComparison(operation, text, right.AsText()));

    /// <summary>Where the right side has effects, it becomes statements that run only if the left one asks for them.</summary>
    private LongExpression LowerLogical(BoundBinary binary, bool isAnd)
    {
        LongExpression left = LowerLong(binary.Left);
        if (left is LongConstant constant)
            return constant.Value != 0 == isAnd ? Truth(LowerLong(binary.Right)) : new LongConstant(isAnd ? 0 : 1);
        (LoweredBlock effects, LongExpression right) = Apart(() => LowerLong(binary.Right));
        if (effects.Statements.Count == 0)
            return new LongLogical(isAnd, left, right);
        ContextSlot result = _body.Frame.Long();
        Add(new StoreLong(result, Truth(left)));
        LongExpression goesOn = isAnd ? new LongAt(result) : new LongUnary(LongUnaryOperator.LogicalNot, new LongAt(result));
        Add(new LoweredIf(goesOn, new LoweredBlock([.. effects.Statements, new StoreLong(result, Truth(right))]), null));
        return new LongAt(result);
    }

    /// <summary>Where either side has effects, each becomes statements that run only if it is asked for.</summary>
    private Value LowerConditional(BoundConditional conditional)
    {
        LongExpression condition = LowerLong(conditional.Condition);
        if (condition is LongConstant constant)
            return Lower(constant.Value != 0 ? conditional.WhenTrue : conditional.WhenFalse);
        (LoweredBlock then, Value whenTrue) = Apart(() => Lower(conditional.WhenTrue));
        (LoweredBlock otherwise, Value whenFalse) = Apart(() => Lower(conditional.WhenFalse));
        if (then.Statements.Count == 0 && otherwise.Statements.Count == 0)
        {
            return whenTrue.Match<Value>(
                number => new LongConditional(condition, number, whenFalse.AsNumber()),
                text => new StringConditional(condition, text, whenFalse.AsText()));
        }

        ContextSlot result = _body.Frame.Of(conditional.Type);
        Add(new LoweredIf(condition, With(then, Store(result, whenTrue)), With(otherwise, Store(result, whenFalse))));
        return At(result, conditional.Type);
    }

    private Value LowerBuiltIn(BoundBuiltInCall call, ContextSlot? into)
    {
        Value[] arguments = LowerInOrder(call.Arguments);
        ContextSlot Into() => into ?? _body.Frame.String();
        return call.Function.Meaning switch
        {
            ContextRead context => ReadContext(context.Value),
            RegisterRead => RegisterOf(call, arguments[0]),
            MemoryRead read => new TargetLoad(arguments[0].AsNumber(), read.Size, read.IsSigned, _sites.Of(call.Span), read.Space),
            StringRead read => new TargetString(Into(), arguments[0].AsNumber(), _sites.Of(call.Span), read.Space),
            ProgramSymbols { IsText: false } => SymbolWord(arguments[0].AsNumber()),
            ProgramSymbols => new TableText(SymbolWord(arguments[0].AsNumber())),
            KernelMember member when call.Arguments is [BoundString structure, BoundString name] =>
                new KernelMemberOffset(structure.Value, name.Value, member.IsSize),
            Operation { What: BuiltInOperation.StringLength } => new StringLength(arguments[0].AsText()),
            Operation { What: BuiltInOperation.ThreadName } => new ThreadName(Into(), OfParent: false),
            Operation { What: BuiltInOperation.ParentThreadName } => new ThreadName(Into(), OfParent: true),
            Operation { What: BuiltInOperation.Substring } =>
                new Substring(Into(), arguments[0].AsText(), arguments[1].AsNumber(), arguments[2].AsNumber()),
            Operation { What: BuiltInOperation.MatchGroups } => new LongAt(_match!.Groups),
            Operation { What: BuiltInOperation.MatchText } => new StringAt(_match!.Text),
            Operation { What: BuiltInOperation.MatchBound } => new ContextWord(_match!.Bounds, _match.Count, arguments[0].AsNumber()),
            Operation { What: BuiltInOperation.PerfCounter } =>
                new CounterValue((int)((LongConstant)arguments[0]).Value, _sites.Of(call.Span)),
            Operation { What: BuiltInOperation.CountLostEntry } => CountLostEntry(),
            _ => throw new InvalidOperationException($"{call.Function.Name} has no value"),
        };
    }

    private LongConstant CountLostEntry()
    {
        Add(new AtomicAdd(new GlobalSlot(SessionCells.LostEntries), new LongConstant(1)));
        return new LongConstant(1);
    }

    private LongExpression RegisterOf(BoundBuiltInCall call, Value number) =>
        number is LongConstant { Value: >= 0 and <= int.MaxValue } known
        ? new TargetRegister(new MachineRegister(HostArchitecture.Current, (int)known.Value), _sites.Of(call.Span))
        : Unsupported("registers whose number is not written out", call);

    private ContextLong ReadContext(ContextValue value)
    {
        _readsLoad |= value is ContextValue.LoadOfMinute or ContextValue.LoadOfFiveMinutes or ContextValue.LoadOfQuarterHour;
        return new ContextLong(value);
    }

    private static LongOperator OperatorOf(SyntaxOperator operation) => operation switch
    {
        SyntaxOperator.Add => LongOperator.Add,
        SyntaxOperator.Subtract => LongOperator.Subtract,
        SyntaxOperator.Multiply => LongOperator.Multiply,
        SyntaxOperator.Divide => LongOperator.Divide,
        SyntaxOperator.Modulo => LongOperator.Modulo,
        SyntaxOperator.BitAnd => LongOperator.And,
        SyntaxOperator.BitOr => LongOperator.Or,
        SyntaxOperator.BitXor => LongOperator.Xor,
        SyntaxOperator.ShiftLeft => LongOperator.ShiftLeft,
        SyntaxOperator.ShiftRight => LongOperator.ShiftRight,
        SyntaxOperator.ShiftRightLogical => LongOperator.ShiftRightLogical,
        SyntaxOperator.Equal => LongOperator.Equal,
        SyntaxOperator.NotEqual => LongOperator.NotEqual,
        SyntaxOperator.Less => LongOperator.Less,
        SyntaxOperator.LessOrEqual => LongOperator.LessOrEqual,
        SyntaxOperator.Greater => LongOperator.Greater,
        SyntaxOperator.GreaterOrEqual => LongOperator.GreaterOrEqual,
        _ => throw new InvalidOperationException($"{operation} is no operation on two numbers"),
    };

    /// <summary>1 or 0 for whatever number.</summary>
    private static LongExpression Truth(LongExpression expression) => expression switch
    {
        LongLogical or TextComparison or LongBinary { Operator: >= LongOperator.Equal } => expression,
        LongUnary { Operator: LongUnaryOperator.LogicalNot } => expression,
        _ => Fold(new LongBinary(LongOperator.NotEqual, expression, new LongConstant(0))),
    };

    private static LoweredBlock With(LoweredBlock block, LoweredStatement last) => new([.. block.Statements, last]);
}
