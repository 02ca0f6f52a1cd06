using Virtap.Language.Binding.Tree;
using Virtap.Language.Diagnostics;
using Virtap.Language.Formats;
using Virtap.Language.Library;
using Virtap.Language.Syntax.Tree;

namespace Virtap.Language.Binding.Bodies;

internal sealed partial class BodyBinder
{
    /// <summary>The print functions, most of which take any number of values.</summary>
    private BoundExpression BindPrinting(CallSyntax call, PrintForm form)
    {
        List<BoundFormatPiece>? pieces = form.Values switch
        {
            PrintedValues.Message => BindMessage(call),
            PrintedValues.Joined => BindValues(call.Arguments, delimiter: "", form.Into is not null),
            PrintedValues.Delimited => BindDelimited(call, form.Into is not null),
            _ => BindFormat(call, form.Into is not null),
        };
        if (pieces is null)
            return new BoundError(call.Span);
        // The lines of a histogram end themselves.
        if (form.EndsLine && pieces is not [BoundFormatHistogram])
            pieces.Add(new BoundFormatText("\n"));
        return form.Into is { } channel
            ? new BoundPrint(call.Span, pieces, channel) { IsOperator = form.Values != PrintedValues.Message }
            : new BoundFormat(call.Span, pieces);
    }

    /// <summary>A string, and before it the numbers that go with it, each with a blank behind it.</summary>
    private List<BoundFormatPiece> BindMessage(CallSyntax call)
    {
        List<BoundFormatPiece> pieces = [];
        foreach ((ExpressionSyntax argument, (_, ScriptType type)) in call.Arguments.Zip(BuiltIns.Find(call.Name)!.Parameters))
        {
            FormatConversion conversion = type == ScriptType.Long ? FormatConversion.Signed : FormatConversion.String;
            pieces.Add(
                BindAddress(argument, FormatFlags.None, null, null)
                ?? new BoundFormatConversion(conversion, FormatFlags.None, Width: null, Precision: null, BindArgument(argument, type)));
            if (type == ScriptType.Long)
                pieces.Add(new BoundFormatText(" "));
        }

        return pieces;
    }

    /// <summary>Values as they are: numbers in decimal, strings.</summary>
    private List<BoundFormatPiece> BindValues(IEnumerable<ExpressionSyntax> values, string delimiter, bool isPrinted)
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
            else if (isPrinted && BindAddress(value, FormatFlags.None, null, null) is { } address)
            {
                pieces.Add(address);
            }
            else
            {
                BoundExpression bound = BindExpression(value, ScriptType.Unknown);
                if (bound.Type == ScriptType.Statistics)
                {
                    const string Unsupported = "print format actual argument evaluation type unsupported";
                    program.Deferred.Semantic(Unsupported, bound.Span, Hints.Aggregate);
                    continue;
                }

                Known(bound);
                pieces.Add(new BoundFormatConversion(
                    bound.Type switch
                    {
                        ScriptType.String => FormatConversion.String,
                        ScriptType.Long or ScriptType.Unknown => FormatConversion.Signed,
                        // Refused where it was bound: a statistic has no value of its own.
                        ScriptType.Statistics => FormatConversion.Signed,
                    },
                    FormatFlags.None,
                    Width: null,
                    Precision: null,
                    bound));
            }
        }

        return pieces;
    }

    /// <summary>A place in the source: a call of usymfileline() or its like in what is printed; null for all else.</summary>
    private BoundFormatConversion? BindAddress(
        ExpressionSyntax argument, FormatFlags flags, BoundExpression? width, BoundExpression? precision)
    {
        if (argument is not CallSyntax { Arguments: [var address] } call || BuiltIns.Find(call.Name) is not { Meaning: AddressText text }
            || WithArityOf(call, program.Declarations.FindFunctions(call.Name, _file)).Count > 0)
            return null;
        return new BoundFormatConversion(FormatConversion.String, flags, width, precision, Bind(address, ScriptType.Long))
        {
            Address = text.Part,
        };
    }

    private List<BoundFormatPiece>? BindDelimited(CallSyntax call, bool isPrinted)
    {
        if (call.Arguments is [StringSyntax delimiter, _, ..])
            return BindValues(call.Arguments.Skip(1), delimiter.Value, isPrinted);
        Error(
            "expected literal string", call.Arguments is [var first, ..]
            ? SpanOf(first) : call.Span, $"{call.Name} takes a delimiter, written out, and values");
        return null;
    }

    private List<BoundFormatPiece>? BindFormat(CallSyntax call, bool isPrinted)
    {
        if (call.Arguments is not [StringSyntax format, ..])
        {
            Error(
                "expected literal string", call.Arguments is [var first, ..]
                ? SpanOf(first) : call.Span, "a format is written out; other strings are printed with \"%s\"");
            return null;
        }

        if (FormatParser.Parse(format.Value, out _) is not { } specs)
            throw new InvalidOperationException("the parser lets no other format through");
        int expected = specs.Sum(static spec => spec is FormatConversionSpec conversion ? conversion.ArgumentCount : 0);
        int given = call.Arguments.Count - 1;
        if (given != expected)
        {
            Error(
                "Wrong number of args to formatted print operator", call.Span,
                $"the format takes {expected}, here {(given == 1 ? "is" : "are")} {given}");
            return null;
        }

        List<BoundFormatPiece> pieces = [];
        int next = 1;
        foreach (FormatSpec spec in specs)
        {
            pieces.Add(spec switch
            {
                FormatTextSpec text => new BoundFormatText(text.Text),
                FormatConversionSpec conversion => BindConversion(conversion, call.Arguments, isPrinted, ref next),
                _ => throw new InvalidOperationException(),
            });
        }

        return pieces;
    }

    private BoundFormatConversion BindConversion(
        FormatConversionSpec spec, IReadOnlyList<ExpressionSyntax> arguments, bool isPrinted, ref int next)
    {
        BoundExpression? width = BindNumber(spec.Width, arguments, ref next);
        BoundExpression? precision = BindNumber(spec.Precision, arguments, ref next);
        ExpressionSyntax argument = arguments[next++];
        return (isPrinted && spec.ValueType == ScriptType.String ? BindAddress(argument, spec.Flags, width, precision) : null)
            ?? new BoundFormatConversion(spec.Conversion, spec.Flags, width, precision, Bind(argument, spec.ValueType));
    }

    private BoundExpression? BindNumber(FormatNumber number, IReadOnlyList<ExpressionSyntax> arguments, ref int next)
    {
        if (number.IsArgument)
            return Bind(arguments[next++], ScriptType.Long);
        return number.Value is long value ? new BoundLong(arguments[0].Span, value) : null;
    }
}
