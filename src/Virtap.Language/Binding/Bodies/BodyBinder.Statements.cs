using Virtap.Language.Binding.Symbols;
using Virtap.Language.Binding.Tree;
using Virtap.Language.Syntax.Tree;

namespace Virtap.Language.Binding.Bodies;

internal sealed partial class BodyBinder
{
    private BoundStatement BindStatement(StatementSyntax statement)
    {
        switch (statement)
        {
            case BlockSyntax block:
                return new BoundBlock(block.Span, [.. block.Statements.Select(BindStatement)]);
            case EmptySyntax:
                return Nothing(statement);
            case ExpressionStatementSyntax expression:
                return BindEffect(expression.Expression, expression.Span);
            case IfSyntax choice:
                return BindIf(choice);
            case WhileSyntax loop:
                return BindLoop(loop.Span, null, loop.Condition, null, loop.Body);
            case ForSyntax loop:
                return BindLoop(loop.Span, loop.Initializer, loop.Condition, loop.Step, loop.Body);
            case ForEachSyntax loop:
                return BindForEach(loop);
            case BreakSyntax:
                CheckInLoop("break", statement);
                return new BoundBreak(statement.Span);
            case ContinueSyntax:
                CheckInLoop("continue", statement);
                return new BoundContinue(statement.Span);
            case NextSyntax:
                return unit.Function is { } function ? BindNextOverload(function, statement) : new BoundNext(statement.Span);
            case ReturnSyntax result:
                return BindReturn(result);
            case DeleteSyntax delete:
                return BindDelete(delete);
            case TrySyntax attempt:
                return BindTry(attempt);
            case EmbeddedStatementSyntax:
                Error("embedded C code is not supported", statement.Span, Hints.EmbeddedCode);
                return Nothing(statement);
            default:
                throw new InvalidOperationException($"no such statement: {statement.GetType().Name}");
        }
    }

    private static BoundBlock Nothing(StatementSyntax statement) => new(statement.Span, []);

    /// <summary>An expression for what it does; its value is not used.</summary>
    private BoundStatement BindEffect(ExpressionSyntax expression, Diagnostics.SourceSpan span)
    {
        switch (expression)
        {
            case ConditionalSyntax choice:
                // Perhaps between two things without a value.
                return Fold(choice.Condition) is bool isTrue
                    ? BindEffect(isTrue ? choice.WhenTrue : choice.WhenFalse, span)
                    : new BoundIf(
                        span,
                        Bind(choice.Condition, ScriptType.Long),
                        BindEffect(choice.WhenTrue, choice.WhenTrue.Span),
                        BindEffect(choice.WhenFalse, choice.WhenFalse.Span));
            case CallSyntax { Name: LeaveProbe, Arguments: [] } when _file.IsLibrary:
                return new BoundNext(span);
            default:
                return new BoundExpressionStatement(span, BindEffect(expression));
        }
    }

    private BoundExpression BindEffect(ExpressionSyntax expression)
    {
        BoundExpression effect = expression switch
        {
            AssignmentSyntax assignment => BindAssignment(assignment, isValueUsed: false),
            IncrementSyntax increment => BindIncrement(increment, isValueUsed: false),
            _ => BindExpression(expression, ScriptType.Unknown),
        };
        switch (effect)
        {
            case BoundCall { Type: ScriptType.Unknown } call:
                // It need not have a value; but what it calls may show one later.
                WaitFor(call.Function);
                return effect;
            case BoundPrint or BoundIntrinsicCall:
                return effect;
            default:
                return Known(effect);
        }
    }

    private BoundStatement BindIf(IfSyntax choice)
    {
        // What a target does not have stands in branches that are never taken; they are not looked at.
        if (Fold(choice.Condition) is bool isTrue)
            return isTrue ? BindStatement(choice.Then) : choice.Else is { } dead ? BindStatement(dead) : Nothing(choice);
        BoundExpression condition = Bind(choice.Condition, ScriptType.Long);
        return new BoundIf(choice.Span, condition, BindStatement(choice.Then), choice.Else is { } otherwise ? BindStatement(otherwise) : null);
    }

    private BoundLoop BindLoop(Diagnostics.SourceSpan span, ExpressionSyntax? initializer, ExpressionSyntax? condition, ExpressionSyntax? step, StatementSyntax body)
    {
        BoundExpression? boundInitializer = initializer is null ? null : BindEffect(initializer);
        BoundExpression? boundCondition = condition is null ? null : Bind(condition, ScriptType.Long);
        _loops++;
        BoundStatement boundBody = BindStatement(body);
        _loops--;
        return new BoundLoop(span, boundInitializer, boundCondition, step is null ? null : BindEffect(step), boundBody);
    }

    private void CheckInLoop(string word, StatementSyntax statement)
    {
        if (_loops == 0)
            Error($"cannot '{word}' outside loop", statement.Span);
    }

    private BoundStatement BindReturn(ReturnSyntax result)
    {
        if (unit.Function is not { Symbol: var function })
        {
            Error("cannot 'return' from probe", result.Span, "a probe's handler ends with next");
            return Nothing(result);
        }

        if (result.Value is null)
            return new BoundReturn(result.Span, null);
        BoundExpression value = BindValue(result.Value, function.ReturnType);
        if (value.Type == ScriptType.Unknown)
            Teach(value, function.ReturnType);
        else
            _types.Learn(function, value.Type, value.Span);
        if (value.Type != ScriptType.Unknown)
            return new BoundReturn(result.Span, value);

        // What it calls has no value, or none that is known yet: then neither has this.
        Wait(value);
        WaitFor(function);
        return new BoundBlock(result.Span, [new BoundExpressionStatement(value.Span, value), new BoundReturn(result.Span, null)]);
    }

    private BoundTry BindTry(TrySyntax attempt)
    {
        BoundStatement body = BindStatement(attempt.Body);
        VariableSymbol? variable = null;
        if (attempt.Variable is { } name && FindScalar(name.Name, name.Span) is { } found)
        {
            variable = found;
            variable.IsWritten = true;
            _types.Learn(variable, ScriptType.String, name.Span);
        }

        return new BoundTry(attempt.Span, body, variable, BindStatement(attempt.Handler));
    }

    private BoundStatement BindDelete(DeleteSyntax delete)
    {
        switch (delete.Target)
        {
            case NameSyntax name:
                VariableSymbol variable = FindVariable(name.Name, name.Span);
                variable.IsWritten = true;
                if (variable.Type == ScriptType.Unknown)
                {
                    WaitFor(variable);
                    ReportUnresolved(name.Span);
                }

                return new BoundDeleteVariable(delete.Span, variable);
            case ElementSyntax { Array: NameSyntax name } element when FindArray(name, element.Keys.Count) is { } array:
                IReadOnlyList<BoundExpression?> keys = BindKeys(array, element.Keys);
                MarkChanged(array, name.Span);
                return new BoundDeleteElement(delete.Span, array, keys);
            case ElementSyntax { Array: NameSyntax }:
                return Nothing(delete);
            default:
                Error("invalid operand of delete expression", delete.Target.Span);
                return Nothing(delete);
        }
    }
}
