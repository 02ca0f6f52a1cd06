using Virtap.Language.Binding.Tree;
using Virtap.Language.Diagnostics;
using Virtap.Language.Syntax.Tree;

namespace Virtap.Language.Binding.Bodies;

internal sealed partial class BodyBinder
{
    /// <summary>Binds an expression whose value must have the type given.</summary>
    private BoundExpression Bind(ExpressionSyntax expression, ScriptType type) => Known(Expect(BindValue(expression, type), type));

    /// <summary>Binds an expression whose value may have either type, which is not needed yet.</summary>
    /// <param name="expression">The expression.</param>
    /// <param name="wanted">The type that it is going to have to have, if that is known.</param>
    private BoundExpression BindValue(ExpressionSyntax expression, ScriptType wanted = ScriptType.Unknown)
    {
        BoundExpression value = BindExpression(expression, wanted);
        if (value.Type != ScriptType.Statistics)
            return value;
        if (wanted is ScriptType.Unknown or ScriptType.Statistics)
            Error("invalid type stats", value.Span, Hints.Aggregate);
        else
            Teach(value, wanted);
        return new BoundError(value.Span);
    }

    /// <summary>A value whose type matters; without one the body has to be bound again, and in the last round that is an error.</summary>
    private BoundExpression Known(BoundExpression value)
    {
        if (value.Type == ScriptType.Unknown)
        {
            Wait(value);
            if (value is BoundCall { Function: { ReturnsValue: true, Name: var name } })
                ReportUnresolved(value.Span, $"nothing shows what '{name}' returns: declare it, function {name}:long or {name}:string");
            else if (value is BoundPrint or BoundBuiltInCall or BoundCall)
                ReportUnresolved(value.Span, "what is called here returns nothing");
            else if (value is not BoundError)
                ReportUnresolved(value.Span);
        }

        return value;
    }

    /// <summary>The body is bound again when the type of a value is learned.</summary>
    private void Wait(BoundExpression value)
    {
        switch (value)
        {
            case BoundVariable variable:
                WaitFor(variable.Symbol);
                break;
            case BoundElement element:
                WaitFor(element.Array);
                break;
            case BoundCall call:
                WaitFor(call.Function);
                break;
            case BoundAssignment assignment:
                Wait(assignment.Target);
                break;
            default:
                // Its parts have been waited for, or nothing helps.
                _sawUnknown = true;
                break;
        }
    }

    private void WaitFor(object symbol)
    {
        _sawUnknown = true;
        _types.Wait(symbol, unit);
    }

    /// <summary>Nothing shows a type. Where other things are wrong, those are why.</summary>
    private void ReportUnresolved(SourceSpan span, string? hint = null)
    {
        const string Unknown = "nothing in the script shows whether this is a number or a string";
        // The blank is SystemTap's.
        if (program.IsLastRound && !program.HadErrorsBeforeLastRound)
            Error("unresolved type ", span, hint ?? Hints.Argument(span) ?? Unknown);
    }

    private BoundExpression Expect(BoundExpression value, ScriptType type)
    {
        if (type == ScriptType.Unknown || value.Type == type)
            return value;
        if (value is BoundVariable or BoundElement or BoundCall { Function.ReturnSpan: not null } || value.Type == ScriptType.Unknown)
            Teach(value, type);
        else
            _types.ReportMismatch(type, value.Type, value.Span);
        return value;
    }

    /// <summary>A value's use shows its type: that of the variable or function which it comes from.</summary>
    private void Teach(BoundExpression value, ScriptType type)
    {
        switch (value)
        {
            case BoundVariable variable:
                _types.Learn(variable.Symbol, type, variable.Span);
                break;
            case BoundElement element:
                _types.Learn(element.Array, type, element.Span);
                break;
            case BoundCall call:
                _types.Learn(call.Function, type, call.Span);
                break;
            case BoundAssignment assignment:
                Teach(assignment.Target, type);
                break;
            case BoundConditional choice:
                Teach(choice.WhenTrue, type);
                Teach(choice.WhenFalse, type);
                break;
        }
    }

    /// <summary>
    /// Two values that must be of one type: what one of them shows, the other learns. What is written out is right, as with SystemTap.
    /// </summary>
    private void Compare(BoundExpression left, BoundExpression right)
    {
        if (right is BoundLong or BoundString)
            Expect(left, right.Type);
        else
            Unify(left, right);
    }

    /// <summary>Two values that must be of one type: what one of them shows, the other learns.</summary>
    private void Unify(BoundExpression left, BoundExpression right)
    {
        if (left.Type != ScriptType.Unknown)
            Expect(right, left.Type);
        else
            Expect(left, right.Type);
    }
}
