using Virtap.Language.Binding.Tree;
using Virtap.Language.Diagnostics;
using Virtap.Language.Patterns;
using Virtap.Language.Syntax.Tree;

namespace Virtap.Language.Binding.Bodies;

internal sealed partial class BodyBinder
{
    /// <summary>Binds any expression. That its type is the wanted one, the caller sees to.</summary>
    private BoundExpression BindExpression(ExpressionSyntax expression, ScriptType wanted)
    {
        switch (expression)
        {
            case NumberSyntax number:
                return new BoundLong(number.Span, number.Value);
            case StringSyntax text:
                return new BoundString(text.Span, text.Value);
            case NameSyntax name:
                return BindName(name);
            case ElementSyntax element:
                BoundExpression bound = BindElement(element);
                if (bound is BoundElement { Array: var array })
                    array.IsRead = true;
                return bound;
            case MembershipSyntax membership:
                return BindMembership(membership);
            case UnarySyntax unary:
                return BindUnary(unary);
            case BinarySyntax binary:
                return BindBinary(binary);
            case IncrementSyntax increment:
                return BindIncrement(increment, isValueUsed: true);
            case AssignmentSyntax assignment:
                return BindAssignment(assignment, isValueUsed: true);
            case ConditionalSyntax choice:
                return BindConditional(choice, wanted);
            case CallSyntax call:
                return BindCall(call, wanted);
            case ExtractSyntax extract:
                return BindExtract(extract);
            case HistogramSyntax histogram:
                Error(
                    "base histogram operator where expression expected", histogram.Span,
                    "print it, or take one of its buckets: @hist_log(x)[i]");
                return new BoundError(histogram.Span);
            case DefinedSyntax defined:
                return new BoundLong(defined.Span, IsDefined(defined.Operand) ? 1 : 0);
            case ChooseDefinedSyntax choose:
                return BindExpression(IsDefined(choose.First) ? choose.First : choose.Second, wanted);
            case TargetSyntax or AtVarSyntax or AtCastSyntax or AutocastSyntax or AddressOfSyntax or AtOperatorSyntax:
                return BindTarget(expression);
            case EmbeddedExpressionSyntax:
                program.Deferred.Semantic("embedded C code is not supported", expression.Span, Hints.EmbeddedCode);
                return wanted == ScriptType.String ? new BoundString(expression.Span, "") : new BoundLong(expression.Span, 0);
            default:
                throw new InvalidOperationException($"no such expression: {expression.GetType().Name}");
        }
    }

    private BoundExpression BindName(NameSyntax name)
    {
        if (FindScalar(name.Name, name.Span) is not { } variable)
            return new BoundError(name.Span);
        variable.IsRead = true;
        return new BoundVariable(name.Span, variable);
    }

    private BoundExpression BindUnary(UnarySyntax unary)
    {
        BoundExpression operand = Bind(unary.Operand, ScriptType.Long);
        return unary.Operator switch
        {
            SyntaxOperator.Plus => operand,
            SyntaxOperator.Negate when operand is BoundLong number => new BoundLong(unary.Span, unchecked(-number.Value)),
            _ => new BoundUnary(unary.OperatorSpan, unary.Operator, operand),
        };
    }

    private BoundExpression BindBinary(BinarySyntax binary)
    {
        switch (binary.Operator)
        {
            case SyntaxOperator.Concatenate:
                BoundExpression first = Bind(binary.Left, ScriptType.String);
                return new BoundConcatenation(binary.OperatorSpan, first, Bind(binary.Right, ScriptType.String));
            case SyntaxOperator.Match or SyntaxOperator.NotMatch:
                return BindMatch(binary);
            case SyntaxOperator.Equal or SyntaxOperator.NotEqual
                or SyntaxOperator.Less or SyntaxOperator.LessOrEqual or SyntaxOperator.Greater or SyntaxOperator.GreaterOrEqual:
                BoundExpression left = BindValue(binary.Left);
                BoundExpression right = BindValue(binary.Right, left.Type);
                Compare(left, right);
                return new BoundBinary(binary.OperatorSpan, binary.Operator, Known(left), Known(right));
            case SyntaxOperator.LogicalAnd or SyntaxOperator.LogicalOr:
                return BindLogic(binary);
            default:
                BoundExpression operand = Bind(binary.Left, ScriptType.Long);
                return new BoundBinary(binary.OperatorSpan, binary.Operator, operand, Bind(binary.Right, ScriptType.Long));
        }
    }

    private BoundExpression BindLogic(BinarySyntax binary)
    {
        // @defined($x) && $x > 1: where there is no $x, the right side is not bound.
        bool isAnd = binary.Operator == SyntaxOperator.LogicalAnd;
        if (Fold(binary.Left) is bool left && left != isAnd)
        {
            var decided = new BoundLong(binary.OperatorSpan, isAnd ? 0 : 1);
            CheckLeftOut(binary.Left, binary.Right, decided);
            return decided;
        }

        BoundExpression first = Bind(binary.Left, ScriptType.Long);
        return new BoundBinary(binary.OperatorSpan, binary.Operator, first, Bind(binary.Right, ScriptType.Long));
    }

    private BoundExpression BindMatch(BinarySyntax binary)
    {
        BoundExpression subject = Bind(binary.Left, ScriptType.String);
        if (binary.Right is not StringSyntax pattern)
        {
            Error("expected literal string", binary.Right.Span, "a regular expression is part of the program, not of its data");
            return new BoundError(binary.OperatorSpan);
        }

        try
        {
            bool isNegated = binary.Operator == SyntaxOperator.NotMatch;
            return new BoundMatch(binary.OperatorSpan, subject, PatternParser.Parse(pattern.Value), isNegated);
        }
        catch (PatternException e)
        {
            string place = e.Position is int position ? $" (at position {position})" : "";
            Error($"regex compilation error{place}: {e.Message}", binary.Right.Span);
            return new BoundError(binary.OperatorSpan);
        }
    }

    private BoundExpression BindConditional(ConditionalSyntax choice, ScriptType wanted)
    {
        if (Fold(choice.Condition) is bool isTrue)
        {
            BoundExpression value = BindExpression(isTrue ? choice.WhenTrue : choice.WhenFalse, wanted);
            CheckLeftOut(choice.Condition, isTrue ? choice.WhenFalse : choice.WhenTrue, value);
            return value;
        }

        BoundExpression condition = Bind(choice.Condition, ScriptType.Long);
        BoundExpression whenTrue = BindValue(choice.WhenTrue, wanted);
        BoundExpression whenFalse = BindValue(choice.WhenFalse, whenTrue.Type == ScriptType.Unknown ? wanted : whenTrue.Type);
        Unify(whenTrue, whenFalse);
        return new BoundConditional(choice.OperatorSpan, condition, Known(whenTrue), Known(whenFalse));
    }
}
