using Virtap.Language.Binding;
using Virtap.Language.Binding.Symbols;
using Virtap.Language.Binding.Tree;
using Virtap.Tracing.Lowering.Analysis;
using Virtap.Tracing.Lowering.Tree;

namespace Virtap.Tracing.Lowering;

/// <summary>Strings. Those that are built have a slot to be built in: a temporary, or at once the variable that they are for.</summary>
public sealed partial class Lowerer
{
    /// <param name="expression">The string.</param>
    /// <param name="into">Where to build it, if it is built: a place that nothing in the expression looks at.</param>
    private StringExpression LowerString(BoundExpression expression, SlotPlace? into = null)
    {
        switch (expression)
        {
            case BoundString text: return new StringAt(_memory.Literal(text.Value));
            case BoundVariable { Symbol: GlobalSymbol { IsWritten: false } global }: return new StringAt(_memory.Literal(global.InitialValue as string ?? ""));
            case BoundVariable variable: return new StringAt(PlaceOf(variable.Symbol));
            case BoundElement element: return LowerElement(element).String!;
            case BoundTargetText text: return _texts!.Of(text.Text);
            case BoundConcatenation concatenation: return LowerConcatenation(concatenation, into);
            case BoundConditional conditional: return LowerStringConditional(conditional);
            case BoundAssignment assignment: return LowerAssignment(assignment).String!;
            case BoundCall call: return LowerCall(call).String!;
            case BoundFormat format: return LowerFormat(format, into);
            case BoundIntrinsicCall call: return LowerStringIntrinsic(call, into);
            default: throw new InvalidOperationException($"{expression.GetType().Name} is no string of the bound tree");
        }
    }

    /// <summary>Two strings are joined; of more, each is appended in turn, so that nothing is copied twice.</summary>
    private StringExpression LowerConcatenation(BoundConcatenation concatenation, SlotPlace? into)
    {
        var parts = new List<BoundExpression>();
        Flatten(concatenation, parts);
        LoweredKey[] values = LowerInOrder(parts);
        into ??= _body.Frame.String();
        if (values.Length == 2)
            return new StringConcat(into, values[0].String!, values[1].String!);
        var pieces = new FormatPiece[values.Length];
        for (int i = 0; i < pieces.Length; i++)
            pieces[i] = parts[i] is BoundString text ? Literal(text.Value) : new ConversionPiece(FormatConversion.String, FormatFlags.None, null, null, null, values[i].String);
        return new StringFormat(into, pieces);
    }

    private static void Flatten(BoundExpression expression, List<BoundExpression> parts)
    {
        if (expression is not BoundConcatenation concatenation)
        {
            parts.Add(expression);
            return;
        }

        Flatten(concatenation.Left, parts);
        Flatten(concatenation.Right, parts);
    }

    private LiteralPiece Literal(string text) => new(text, _memory.Literal(text).Offset);

    private StringExpression LowerStringConditional(BoundConditional conditional)
    {
        LongExpression condition = LowerLong(conditional.Condition);
        if (condition is LongConstant constant)
            return LowerString(constant.Value != 0 ? conditional.WhenTrue : conditional.WhenFalse);
        StringExpression whenTrue = null!, whenFalse = null!;
        LoweredBlock then = Apart(() => whenTrue = LowerString(conditional.WhenTrue));
        LoweredBlock otherwise = Apart(() => whenFalse = LowerString(conditional.WhenFalse));
        if (then.Statements.Count == 0 && otherwise.Statements.Count == 0)
            return new StringConditional(condition, whenTrue, whenFalse);
        SlotPlace result = _body.Frame.String();
        Add(new LoweredIf(condition, With(then, new StoreString(result, whenTrue)), With(otherwise, new StoreString(result, whenFalse))));
        return new StringAt(result);
    }

    private StringExpression LowerStringIntrinsic(BoundIntrinsicCall call, SlotPlace? into)
    {
        LoweredKey[] arguments = LowerInOrder(call.Arguments);
        into ??= _body.Frame.String();
        return call.Intrinsic switch
        {
            Intrinsic.ThreadName => new ThreadName(into, OfParent: false),
            Intrinsic.ParentThreadName => new ThreadName(into, OfParent: true),
            Intrinsic.Substring => new Substring(into, arguments[0].String!, arguments[1].Long!, arguments[2].Long!),
            Intrinsic.UserString => new TargetString(into, arguments[0].Long!, _sites.Of(call.Span)),
            _ => throw new InvalidOperationException($"{call.Intrinsic} has no string"),
        };
    }

    /// <summary>Lowers a string for a variable: built in the variable's own slot where it does not look at it.</summary>
    private StringExpression LowerStringFor(Place place, VariableSymbol variable, BoundExpression value)
    {
        bool looks = BoundParts.Any(value, part => part is BoundVariable other && other.Symbol == variable);
        return LowerString(value, looks ? null : place as SlotPlace);
    }
}
