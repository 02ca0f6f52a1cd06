using System.Globalization;
using Virtap.Language.Binding.Tree;
using Virtap.Language.Formats;
using Virtap.Language.Library;
using Virtap.Language.Syntax.Tree;

namespace Virtap.Language.Binding.Printing;

/// <summary>Bound expressions as text, fully parenthesized.</summary>
internal static class BoundExpressionText
{
    public static string Of(BoundExpression expression) => expression switch
    {
        BoundLong number => number.Value.ToString(CultureInfo.InvariantCulture),
        BoundString text => BoundTreePrinter.Quote(text.Value),
        BoundVariable variable => variable.Symbol.Name,
        BoundElement element => $"{element.Array.Name}[{OfKeys(element.Keys)}]",
        BoundTarget target => target.Name,
        BoundTargetText { Text: TargetText.Point } => "pp()",
        BoundTargetText { Text: TargetText.Function } => "probefunc()",
        BoundTargetText { Text: TargetText.MarkName } => "$$name",
        BoundTargetText { Text: TargetText.CallName } => "__syscall_name()",
        BoundTargetText => "$$provider",
        BoundUnary unary => $"{unary.Operator.Spelling()}({Of(unary.Operand)})",
        BoundBinary binary => $"({Of(binary.Left)}) {binary.Operator.Spelling()} ({Of(binary.Right)})",
        BoundConcatenation both => $"({Of(both.Left)}) . ({Of(both.Right)})",
        BoundMatch match => $"({Of(match.Subject)}) {(match.IsNegated ? "!~" : "=~")} {BoundTreePrinter.Quote(match.Pattern.Text)}",
        BoundConditional choice => $"({Of(choice.Condition)}) ? ({Of(choice.WhenTrue)}) : ({Of(choice.WhenFalse)})",
        BoundMembership membership => $"[{OfKeys(membership.Keys)}] in {membership.Array.Name}",
        BoundAssignment { Operator: SyntaxOperator.Assign } assignment => $"{Of(assignment.Target)} = {Of(assignment.Value)}",
        BoundAssignment assignment => $"{Of(assignment.Target)} {assignment.Operator.Spelling()}= {Of(assignment.Value)}",
        BoundAccumulation accumulation => $"{Of(accumulation.Target)} <<< {Of(accumulation.Value)}",
        BoundIncrement { IsPrefix: true } increment => $"{Sign(increment)}{Of(increment.Target)}",
        BoundIncrement increment => $"{Of(increment.Target)}{Sign(increment)}",
        BoundCall call => $"{call.Function.Name}({OfKeys(call.Arguments)})",
        BoundBuiltInCall call => $"{call.Function.Name}({OfKeys(call.Arguments)})",
        BoundFormat format => $"sprintf({OfPieces(format.Pieces)})",
        BoundPrint { Pieces: [BoundFormatStack stack] } => $"{NameOf(stack.Form)}()",
        BoundPrint print => $"{NameOf(print.Into)}({OfPieces(print.Pieces)})",
        BoundExtract extract =>
            $"{Name(extract.Operator)}({Of(extract.Operand)}{(extract.Parameter == 0 ? "" : $", {extract.Parameter}")})",
        BoundBucket bucket => $"{Of(bucket.Histogram)}[{Of(bucket.Index)}]",
        _ => throw new InvalidOperationException($"no such expression: {expression.GetType().Name}"),
    };

    private static string NameOf(StackForm form) => form switch
    {
        StackForm.Brief => "print_ubacktrace_brief",
        StackForm.Lines => "print_ubacktrace_fileline",
        _ => "print_ubacktrace",
    };

    private static string NameOf(PrintChannel into) => into switch
    {
        PrintChannel.Warning => "warnf",
        PrintChannel.Command => "system",
        PrintChannel.KernelLog => "printk",
        PrintChannel.KernelTrace => "ftrace",
        PrintChannel.Speculation => "speculate",
        PrintChannel.CommitSpeculation => "commit",
        PrintChannel.DiscardSpeculation => "discard",
        PrintChannel.NextFile => "switch_file",
        _ => "printf",
    };

    public static string Of(BoundHistogram histogram) => histogram.Shape is { Step: long step, Start: var start, Stop: var stop }
        ? $"@hist_linear({Of(histogram.Operand)}, {start}, {stop}, {step})"
        : $"@hist_log({Of(histogram.Operand)})";

    public static string OfKeys(IReadOnlyList<BoundExpression?> keys) =>
        string.Join(", ", keys.Select(static key => key is null ? "*" : Of(key)));

    public static string Name(StatisticOperator statistic) => statistic switch
    {
        StatisticOperator.Count => "@count",
        StatisticOperator.Sum => "@sum",
        StatisticOperator.Min => "@min",
        StatisticOperator.Max => "@max",
        StatisticOperator.Average => "@avg",
        _ => "@variance",
    };

    private static string Sign(BoundIncrement increment) => increment.Change > 0 ? "++" : "--";

    private static string OfPieces(IReadOnlyList<BoundFormatPiece> pieces)
    {
        string format = string.Concat(pieces.Select(static piece => piece switch
        {
            BoundFormatText text => text.Text.Replace("%", "%%", StringComparison.Ordinal),
            BoundFormatConversion conversion => OfConversion(conversion),
            _ => "%@",
        }));
        IEnumerable<string> arguments = pieces.SelectMany(Arguments);
        return string.Join(", ", arguments.Prepend(BoundTreePrinter.Quote(format)));
    }

    private static string OfConversion(BoundFormatConversion conversion)
    {
        string flags = string.Concat(
            conversion.Flags.HasFlag(FormatFlags.Alternate) ? "#" : "",
            conversion.Flags.HasFlag(FormatFlags.ZeroPad) ? "0" : "",
            conversion.Flags.HasFlag(FormatFlags.LeftJustify) ? "-" : "",
            conversion.Flags.HasFlag(FormatFlags.Plus) ? "+" : "",
            conversion.Flags.HasFlag(FormatFlags.Space) ? " " : "");
        string precision = conversion.Precision is null ? "" : "." + OfNumber(conversion.Precision);
        return $"%{flags}{OfNumber(conversion.Width)}{precision}{Letter(conversion.Conversion)}";
    }

    private static string OfNumber(BoundExpression? number) => number switch
    {
        null => "",
        BoundLong literal => literal.Value.ToString(CultureInfo.InvariantCulture),
        _ => "*",
    };

    private static char Letter(FormatConversion conversion) => conversion switch
    {
        FormatConversion.Signed => 'd',
        FormatConversion.Unsigned => 'u',
        FormatConversion.Hexadecimal => 'x',
        FormatConversion.UpperHexadecimal => 'X',
        FormatConversion.Octal => 'o',
        FormatConversion.Pointer => 'p',
        FormatConversion.Character => 'c',
        FormatConversion.Binary => 'b',
        FormatConversion.String => 's',
        FormatConversion.Memory => 'm',
        _ => 'M',
    };

    private static IEnumerable<string> Arguments(BoundFormatPiece piece)
    {
        if (piece is BoundFormatHistogram { Histogram: var histogram })
            yield return Of(histogram);
        if (piece is not BoundFormatConversion conversion)
            yield break;
        if (conversion.Width is not (null or BoundLong))
            yield return Of(conversion.Width);
        if (conversion.Precision is not (null or BoundLong))
            yield return Of(conversion.Precision);
        yield return Of(conversion.Value);
    }
}
