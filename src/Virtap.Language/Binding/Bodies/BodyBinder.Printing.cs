using Virtap.Language.Binding.Formats;
using Virtap.Language.Binding.Tree;
using Virtap.Language.Diagnostics;
using Virtap.Language.Syntax.Tree;

namespace Virtap.Language.Binding.Bodies;

internal sealed partial class BodyBinder
{
    /// <summary>The print functions, which take any number of values and literal formats; null for any other name.</summary>
    private BoundExpression? BindPrinting(CallSyntax call)
    {
        List<BoundFormatPiece>? pieces;
        switch (call.Name)
        {
            case "print" or "sprint":
                pieces = BindValues(call.Arguments, delimiter: "");
                break;
            case "println" or "sprintln":
                pieces = WithNewLine(BindValues(call.Arguments, delimiter: ""));
                break;
            case "printd" or "sprintd":
                pieces = BindDelimited(call);
                break;
            case "printdln" or "sprintdln":
                pieces = WithNewLine(BindDelimited(call));
                break;
            case "printf" or "sprintf":
                pieces = BindFormat(call);
                break;
            default:
                return null;
        }

        if (pieces is null)
            return new BoundError(call.Span);
        return call.Name[0] == 's' ? new BoundFormat(call.Span, pieces) : new BoundPrint(call.Span, pieces, IsWarning: false);
    }

    /// <summary>Values as they are: numbers in decimal, strings.</summary>
    private List<BoundFormatPiece> BindValues(IEnumerable<ExpressionSyntax> values, string delimiter)
    {
        List<BoundFormatPiece> pieces = [];
        foreach (ExpressionSyntax value in values)
        {
            if (pieces.Count > 0 && delimiter.Length > 0)
                pieces.Add(new BoundFormatText(delimiter));
            if (value is HistogramSyntax histogram)
            {
                if (BindHistogram(histogram) is { } bound)
                    pieces.Add(new BoundFormatHistogram(bound));
            }
            else
            {
                BoundExpression bound = Known(BindValue(value));
                pieces.Add(new BoundFormatConversion(
                    bound.Type == ScriptType.String ? FormatConversion.String : FormatConversion.Signed,
                    FormatFlags.None,
                    Width: null,
                    Precision: null,
                    bound));
            }
        }

        return pieces;
    }

    private List<BoundFormatPiece>? BindDelimited(CallSyntax call)
    {
        if (call.Arguments is [StringSyntax delimiter, _, ..])
            return BindValues(call.Arguments.Skip(1), delimiter.Value);
        Error("expected literal string", call.Arguments is [var first, ..] ? Place(first) : call.Span, $"{call.Name} takes a delimiter, written out, and values");
        return null;
    }

    private static List<BoundFormatPiece>? WithNewLine(List<BoundFormatPiece>? pieces)
    {
        pieces?.Add(new BoundFormatText("\n"));
        return pieces;
    }

    private List<BoundFormatPiece>? BindFormat(CallSyntax call)
    {
        if (call.Arguments is not [StringSyntax format, ..])
        {
            Error("expected literal string", call.Arguments is [var first, ..] ? Place(first) : call.Span, "a format is written out; other strings are printed with \"%s\"");
            return null;
        }

        if (FormatParser.Parse(format.Value, out string? error) is not { } specs)
        {
            Diagnostics.Add(new Diagnostic(DiagnosticKind.Parse, error!, format.Span, "there are %b %c %d %i %m %M %o %p %s %u %x %X and %%"));
            return null;
        }

        int expected = specs.Sum(static spec => spec is FormatConversionSpec conversion ? conversion.ArgumentCount : 0);
        int given = call.Arguments.Count - 1;
        if (given != expected)
        {
            Error("Wrong number of args to formatted print operator", call.Span, $"the format takes {expected}, here {(given == 1 ? "is" : "are")} {given}");
            return null;
        }

        List<BoundFormatPiece> pieces = [];
        int next = 1;
        foreach (FormatSpec spec in specs)
        {
            pieces.Add(spec switch
            {
                FormatTextSpec text => new BoundFormatText(text.Text),
                FormatConversionSpec conversion => BindConversion(conversion, call.Arguments, ref next),
                _ => throw new InvalidOperationException(),
            });
        }

        return pieces;
    }

    private BoundFormatConversion BindConversion(FormatConversionSpec spec, IReadOnlyList<ExpressionSyntax> arguments, ref int next)
    {
        BoundExpression? width = BindNumber(spec.Width, arguments, ref next);
        BoundExpression? precision = BindNumber(spec.Precision, arguments, ref next);
        return new BoundFormatConversion(spec.Conversion, spec.Flags, width, precision, Bind(arguments[next++], spec.ValueType));
    }

    private BoundExpression? BindNumber(FormatNumber number, IReadOnlyList<ExpressionSyntax> arguments, ref int next)
    {
        if (number.IsArgument)
            return Bind(arguments[next++], ScriptType.Long);
        return number.Value is long value ? new BoundLong(arguments[0].Span, value) : null;
    }
}
