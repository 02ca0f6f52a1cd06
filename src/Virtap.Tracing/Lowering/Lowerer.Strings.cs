using Virtap.Language.Binding.Tree;
using Virtap.Language.Formats;
using Virtap.Tracing.Ir;
using Virtap.Tracing.Lowering.Analysis;

namespace Virtap.Tracing.Lowering;

/// <summary>Strings. Those that are built have a slot to be built in: a temporary, or at once the variable that they are for.</summary>
public sealed partial class Lowerer
{
    /// <summary>Two strings are joined; of more, each is appended in turn, so that nothing is copied twice.</summary>
    private StringExpression LowerConcatenation(BoundConcatenation concatenation, ContextSlot? into)
    {
        var parts = new List<BoundExpression>();
        Flatten(concatenation, parts);
        Value[] values = LowerInOrder(parts);
        into ??= _body.Frame.String();
        if (values.Length == 2)
            return new StringConcat(into, values[0].AsText(), values[1].AsText());
        var pieces = new FormatPiece[values.Length];
        for (int i = 0; i < pieces.Length; i++)
            pieces[i] = parts[i] is BoundString text
                ? LiteralPiece(text.Value)
                : new ConversionPiece(FormatConversion.String, FormatFlags.None, null, null, values[i]);
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

    private StringLiteral Literal(string text) => new(text, _memory.Literal(text));

    private LiteralPiece LiteralPiece(string text) => new(text, _memory.Literal(text));

    /// <summary>Lowers a value for a variable: a string is built in the variable's own slot where it does not look at it.</summary>
    private Value LowerFor(Location location, VariableSymbol variable, BoundExpression value)
    {
        bool looks = BoundParts.Any(value, part => part is BoundVariable other && other.Symbol == variable);
        return Lower(value, looks ? null : location as ContextSlot);
    }
}
