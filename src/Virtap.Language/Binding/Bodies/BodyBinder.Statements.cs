using Virtap.Language.Binding.Tree;
using Virtap.Language.Diagnostics;
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
                program.Deferred.Semantic("embedded C code is not supported", statement.Span, Hints.EmbeddedCode);
                return Nothing(statement);
            default:
                throw new InvalidOperationException($"no such statement: {statement.GetType().Name}");
        }
    }

    private static BoundBlock Nothing(StatementSyntax statement) => new(statement.Span, []);

    /// <summary>An expression for what it does; its value is not used.</summary>
    private BoundStatement BindEffect(ExpressionSyntax expression, SourceSpan span)
    {
        switch (expression)
        {
            case ConditionalSyntax choice:
                // Perhaps between two things without a value.
                if (Fold(choice.Condition) is bool isTrue)
                {
                    CheckLeftOut(choice.Condition, new ExpressionStatementSyntax(span, isTrue ? choice.WhenFalse : choice.WhenTrue));
                    return BindEffect(isTrue ? choice.WhenTrue : choice.WhenFalse, span);
                }

                return new BoundIf(
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
            case BoundPrint or BoundBuiltInCall:
                return effect;
            default:
                return Known(effect);
        }
    }

    private BoundStatement BindIf(IfSyntax choice)
    {
        // What a target does not have stands in branches that are never taken; they are not bound.
        if (Fold(choice.Condition) is bool isTrue)
        {
            CheckLeftOut(choice.Condition, isTrue ? choice.Else : choice.Then);
            return isTrue ? BindStatement(choice.Then) : choice.Else is { } live ? BindStatement(live) : Nothing(choice);
        }

        BoundExpression condition = Bind(choice.Condition, ScriptType.Long);
        return new BoundIf(
            choice.Span, condition, BindStatement(choice.Then), choice.Else is { } otherwise ? BindStatement(otherwise) : null);
    }

    private BoundLoop BindLoop(
        SourceSpan span, ExpressionSyntax? initializer, ExpressionSyntax? condition, ExpressionSyntax? step, StatementSyntax body)
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
            program.Deferred.Semantic($"cannot '{word}' outside loop", statement.Span);
    }

    private BoundStatement BindReturn(ReturnSyntax result)
    {
        if (unit.Function is not { Symbol: var function, Declaration.Syntax.ReturnType: var declared })
        {
            Error("cannot 'return' from probe", result.Span, "a probe's handler ends with next");
            return Nothing(result);
        }

        if (result.Value is null)
        {
            CheckReturnsNothing(function, declared, result.Span);
            return new BoundReturn(result.Span, null);
        }

        function.ReturnsValue = true;
        BoundExpression value = BindValue(result.Value, function.ReturnType);
        if (value.Type == ScriptType.Unknown)
            Teach(value, function.ReturnType);
        else if (declared != ScriptType.Unknown && declared != value.Type)
            ReportWrongValue(value, declared);
        else
            _types.Learn(function, value.Type, value.Span);
        function.Pointee = PointeeOf(value) ?? function.Pointee;
        if (value.Type != ScriptType.Unknown)
            return new BoundReturn(result.Span, value);

        // What it calls has no value, or none that is known yet: then neither has this.
        if (value is BoundVariable)
            ReportUnresolved(value.Span);
        Wait(value);
        WaitFor(function);
        return new BoundBlock(result.Span, [new BoundExpressionStatement(value.Span, value), new BoundReturn(result.Span, null)]);
    }

    /// <summary>Of what is written out, SystemTap expects its own type; of everything else, the one that is declared.</summary>
    private void ReportWrongValue(BoundExpression value, ScriptType declared)
    {
        if (value is BoundLong or BoundString)
            _types.ReportMismatch(value.Type, declared, value.Span);
        else
            _types.ReportMismatch(declared, value.Type, value.Span);
    }

    /// <summary>A function either always has a value or never.</summary>
    private void CheckReturnsNothing(FunctionSymbol function, ScriptType declared, SourceSpan span)
    {
        // The tapset's own may leave off, and then give what an unset variable holds.
        if (function.IsOwn)
            return;
        if (declared != ScriptType.Unknown)
            _types.ReportMismatch(ScriptType.Unknown, declared, span);
        else if (function.ReturnsValue && function.ReturnType != ScriptType.Unknown)
            _types.ReportNoValue(function, span);
        else
            WaitFor(function);
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
                bool isKnown = unit.FindLocal(name.Name) is { IsWritten: true };
                VariableSymbol variable = FindVariable(name.Name, name.Span);
                if (variable is LocalSymbol local && (local.IsParameter || !isKnown))
                {
                    Error("unresolved array in delete statement", name.Span, $"declare it with: global {name.Name}");
                    return Nothing(delete);
                }

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
                Error("invalid operand of delete expression", SpanOf(delete.Target));
                return Nothing(delete);
        }
    }
}
