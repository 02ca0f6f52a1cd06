using Virtap.Language.Binding;
using Virtap.Language.Binding.Symbols;
using Virtap.Language.Binding.Tree;
using Virtap.Language.Syntax.Tree;
using Virtap.Tracing.Lowering.Tree;
using Virtap.Tracing.Probes;
using StringComparison = Virtap.Tracing.Lowering.Tree.StringComparison;

namespace Virtap.Tracing.Lowering;

/// <summary>
/// Numbers. Lowering an expression adds to the statements whatever in it has an effect, and gives what is left of it: an expression to be evaluated behind those statements.
/// </summary>
public sealed partial class Lowerer
{
    /// <summary>Lowers a number or a string. What has no value is the number 0.</summary>
    private LoweredKey Lower(BoundExpression expression) =>
        expression.Type == ScriptType.String ? new LoweredKey(null, LowerString(expression)) : new LoweredKey(LowerLong(expression), null);

    private LongExpression LowerLong(BoundExpression expression)
    {
        switch (expression)
        {
            case BoundLong number: return new LongConstant(number.Value);
            case BoundVariable { Symbol: GlobalSymbol { IsWritten: false } global }: return new LongConstant(global.InitialValue as long? ?? 0);
            case BoundVariable variable: return new LongAt(PlaceOf(variable.Symbol));
            case BoundElement element: return LowerElement(element).Long!;
            case BoundTarget target: return LowerTarget(target);
            case BoundUnary unary: return LowerUnary(unary);
            case BoundBinary binary: return LowerBinary(binary);
            case BoundConditional conditional: return LowerConditional(conditional);
            case BoundMembership membership: return LowerMembership(membership);
            case BoundAssignment assignment: return LowerAssignment(assignment).Long!;
            case BoundIncrement increment: return LowerIncrement(increment, isUsed: true);
            case BoundCall call: return LowerCall(call).Long!;
            case BoundIntrinsicCall call: return LowerIntrinsic(call);
            case BoundMatch: return Unsupported("regular expressions", expression);
            case BoundAccumulation or BoundExtract: return Unsupported("aggregates", expression);
            case BoundBucket: return Unsupported("histograms", expression);
            default: throw new InvalidOperationException($"{expression.GetType().Name} is no number of the bound tree");
        }
    }

    private LongConstant Unsupported(string what, BoundExpression expression)
    {
        NotSupported(what, expression.Span);
        return new LongConstant(0);
    }

    private TargetValue LowerTarget(BoundTarget target)
    {
        if (target.Source is not MachineSource source)
            throw new InvalidOperationException($"{target.Source.GetType().Name} is no source of this room");
        return new TargetValue(source.Value, _sites.Of(target.Span, "$" + target.Name));
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
        LoweredKey[] operands = LowerInOrder([binary.Left, binary.Right]);
        LongOperator operation = OperatorOf(binary.Operator);
        return operation >= LongOperator.Equal ? Compare(operation, operands[0], operands[1]) : Arithmetic(operation, operands[0].Long!, operands[1].Long!, binary);
    }

    private LongExpression Arithmetic(LongOperator operation, LongExpression left, LongExpression right, BoundExpression at)
    {
        bool mayFail = operation is LongOperator.Divide or LongOperator.Modulo && right is not LongConstant { Value: not 0 };
        return Fold(new LongBinary(operation, left, right, mayFail ? _sites.Of(at.Span) : -1));
    }

    private static LongExpression Compare(LongOperator operation, LoweredKey left, LoweredKey right) =>
        left.Long is { } number ? Fold(new LongBinary(operation, number, right.Long!)) : new StringComparison(operation, left.String!, right.String!);

    /// <summary>Where the right side has effects, it becomes statements that run only if the left one asks for them.</summary>
    private LongExpression LowerLogical(BoundBinary binary, bool isAnd)
    {
        LongExpression left = LowerLong(binary.Left);
        if (left is LongConstant constant)
            return constant.Value != 0 == isAnd ? Truth(LowerLong(binary.Right)) : new LongConstant(isAnd ? 0 : 1);
        LongExpression right = null!;
        LoweredBlock effects = Apart(() => right = LowerLong(binary.Right));
        if (effects.Statements.Count == 0)
            return new LongLogical(isAnd, left, right);
        SlotPlace result = _body.Frame.Long();
        Add(new StoreLong(result, Truth(left)));
        LongExpression goesOn = isAnd ? new LongAt(result) : new LongUnary(LongUnaryOperator.LogicalNot, new LongAt(result));
        Add(new LoweredIf(goesOn, new LoweredBlock([.. effects.Statements, new StoreLong(result, Truth(right))]), null));
        return new LongAt(result);
    }

    private LongExpression LowerConditional(BoundConditional conditional)
    {
        LongExpression condition = LowerLong(conditional.Condition);
        if (condition is LongConstant constant)
            return LowerLong(constant.Value != 0 ? conditional.WhenTrue : conditional.WhenFalse);
        LongExpression whenTrue = null!, whenFalse = null!;
        LoweredBlock then = Apart(() => whenTrue = LowerLong(conditional.WhenTrue));
        LoweredBlock otherwise = Apart(() => whenFalse = LowerLong(conditional.WhenFalse));
        if (then.Statements.Count == 0 && otherwise.Statements.Count == 0)
            return new LongConditional(condition, whenTrue, whenFalse);
        SlotPlace result = _body.Frame.Long();
        Add(new LoweredIf(condition, With(then, new StoreLong(result, whenTrue)), With(otherwise, new StoreLong(result, whenFalse))));
        return new LongAt(result);
    }

    private LongExpression LowerIntrinsic(BoundIntrinsicCall call)
    {
        switch (call.Intrinsic)
        {
            case Intrinsic.Pid: return new ContextLong(ContextValue.Pid);
            case Intrinsic.Tid: return new ContextLong(ContextValue.Tid);
            case Intrinsic.ParentPid: return new ContextLong(ContextValue.Ppid);
            case Intrinsic.Uid: return new ContextLong(ContextValue.Uid);
            case Intrinsic.Gid: return new ContextLong(ContextValue.Gid);
            case Intrinsic.Cpu: return new ContextLong(ContextValue.Cpu);
            case Intrinsic.Target: return new ContextLong(ContextValue.Target);
            case Intrinsic.RealtimeNanoseconds: return new ContextLong(ContextValue.RealtimeNanoseconds);
            case Intrinsic.MonotonicNanoseconds: return new ContextLong(ContextValue.MonotonicNanoseconds);
            case Intrinsic.Cycles: return new ContextLong(ContextValue.Cycles);
            case Intrinsic.InstructionPointer: return new ContextLong(ContextValue.InstructionPointer);
            case >= Intrinsic.Argument1 and <= Intrinsic.Argument6: return new ContextLong(ContextValue.Argument1 + (call.Intrinsic - Intrinsic.Argument1));
            case Intrinsic.StringLength: return new StringLength(LowerString(call.Arguments[0]));
            case Intrinsic.UserInt8: return LowerLoad(call, 1, isSigned: true);
            case Intrinsic.UserInt16: return LowerLoad(call, 2, isSigned: true);
            case Intrinsic.UserInt32: return LowerLoad(call, 4, isSigned: true);
            case Intrinsic.UserInt64: return LowerLoad(call, 8, isSigned: true);
            case Intrinsic.UserUint8: return LowerLoad(call, 1, isSigned: false);
            case Intrinsic.UserUint16: return LowerLoad(call, 2, isSigned: false);
            case Intrinsic.UserUint32: return LowerLoad(call, 4, isSigned: false);
            default: throw new InvalidOperationException($"{call.Intrinsic} has no number");
        }
    }

    private TargetLoad LowerLoad(BoundIntrinsicCall call, int size, bool isSigned) => new(LowerLong(call.Arguments[0]), size, isSigned, _sites.Of(call.Span));

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
    private static LongExpression Truth(LongExpression expression) => expression is LongLogical or StringComparison or LongBinary { Operator: >= LongOperator.Equal } or LongUnary { Operator: LongUnaryOperator.LogicalNot }
        ? expression
        : Fold(new LongBinary(LongOperator.NotEqual, expression, new LongConstant(0)));

    private static LoweredBlock With(LoweredBlock block, LoweredStatement last) => new([.. block.Statements, last]);
}
