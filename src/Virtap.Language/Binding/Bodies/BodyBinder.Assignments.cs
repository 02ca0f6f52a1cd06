using Virtap.Language.Binding.Tree;
using Virtap.Language.Diagnostics;
using Virtap.Language.Syntax.Tree;

namespace Virtap.Language.Binding.Bodies;

internal sealed partial class BodyBinder
{
    private BoundExpression BindAssignment(AssignmentSyntax assignment, bool isValueUsed)
    {
        if (assignment.Operator == SyntaxOperator.Accumulate)
            return BindAccumulation(assignment);
        bool isPlain = assignment.Operator == SyntaxOperator.Assign;
        BoundExpression? target = BindAssignable(assignment.Target, assignment.OperatorSpan, isRead: !isPlain && isValueUsed);
        if (target is null)
        {
            BindValue(assignment.Value);
            return new BoundError(assignment.OperatorSpan);
        }

        BoundExpression value;
        if (isPlain)
        {
            value = BindValue(assignment.Value, target.Type);
            if (value.Type != ScriptType.Unknown)
                Teach(target, value.Type);
            else
                Teach(value, target.Type);
            Known(target);
            Known(value);
            if (target is BoundVariable { Symbol: var assigned } && PointeeOf(value) is { } pointee)
                assigned.Pointee = pointee;
        }
        else
        {
            ScriptType type = assignment.Operator == SyntaxOperator.Concatenate ? ScriptType.String : ScriptType.Long;
            Teach(target, type);
            value = Bind(assignment.Value, type);
        }

        return new BoundAssignment(assignment.OperatorSpan, target, assignment.Operator, value);
    }

    private BoundExpression BindIncrement(IncrementSyntax increment, bool isValueUsed)
    {
        if (BindAssignable(increment.Operand, increment.OperatorSpan, isValueUsed, isIncrement: true) is not { } target)
            return new BoundError(increment.OperatorSpan);
        Teach(target, ScriptType.Long);
        return new BoundIncrement(
            increment.OperatorSpan, target, increment.Operator == SyntaxOperator.Increment ? 1 : -1, increment.IsPrefix);
    }

    /// <summary>A variable or an element that is going to change; null, and an error, for anything else.</summary>
    private BoundExpression? BindAssignable(ExpressionSyntax expression, SourceSpan operatorSpan, bool isRead, bool isIncrement = false)
    {
        switch (expression)
        {
            case NameSyntax name when FindScalar(name.Name, name.Span) is { } variable:
                variable.IsWritten = true;
                variable.IsRead |= isRead;
                return new BoundVariable(name.Span, variable);
            case NameSyntax:
                return null;
            case TargetSyntax target when ExchangedText(target) is { } exchanged:
                return BindAssignable(exchanged, operatorSpan, isRead);
            case ElementSyntax { Array: NameSyntax } element:
                if (BindElement(element) is not BoundElement bound)
                    return null;
                MarkChanged(bound.Array, bound.Span);
                bound.Array.IsRead |= isRead;
                return bound;
            case TargetSyntax or AtVarSyntax or AtCastSyntax or AutocastSyntax
                or AtOperatorSyntax { Name: "uderef" or "kderef" or "uregister" or "kregister" }:
                RefuseWrite(expression);
                return null;
            case NumberSyntax or StringSyntax when isIncrement:
                program.Deferred.Semantic("invalid lvalue type", expression.Span);
                return BindExpression(expression, ScriptType.Long);
            default:
                Diagnostics.Add(new Diagnostic(
                    DiagnosticKind.Semantic, "Expecting lvalue for assignment", operatorSpan,
                    "only variables and elements of arrays can be assigned to")
                {
                    OtherPlace = SpanOf(expression),
                });
                return null;
        }
    }

    private void RefuseWrite(ExpressionSyntax expression)
    {
        if (expression is AutocastSyntax pointer)
            BindTarget(pointer);
        else if (expression is TargetSyntax { Name: var name } && FindTarget(name) is { Source: null, Missing: { } missing })
            Error(missing, expression.Span);
        else if (!program.IsGuru)
            Error(
                "write to target variable not permitted; need stap -g", expression.Span,
                "Virtap only looks at the program that it traces");
        else
            Error("write to target variable is not supported yet", expression.Span);
    }
}
