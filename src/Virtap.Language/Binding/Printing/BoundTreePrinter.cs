using System.Text;
using Virtap.Language.Binding.Tree;

namespace Virtap.Language.Binding.Printing;

/// <summary>Prints bound statements, one a line.</summary>
internal sealed class BoundTreePrinter(StringBuilder text)
{
    private int _depth;

    /// <summary>A text as a literal.</summary>
    public static string Quote(string value) => $"\"{Quoting.Escape(value)}\"";

    public void Print(BoundStatement statement)
    {
        switch (statement)
        {
            case BoundBlock block:
                Line("{");
                PrintAll(block.Statements);
                Line("}");
                break;
            case BoundExpressionStatement { Expression: var expression }:
                Line(BoundExpressionText.Of(expression));
                break;
            case BoundIf choice:
                Line($"if ({BoundExpressionText.Of(choice.Condition)})");
                PrintAll([choice.Then]);
                if (choice.Else is { } otherwise)
                {
                    Line("else");
                    PrintAll([otherwise]);
                }

                break;
            case BoundLoop loop:
                Line($"for ({OfOrNothing(loop.Initializer)}; {OfOrNothing(loop.Condition)}; {OfOrNothing(loop.Step)})");
                PrintAll([loop.Body]);
                break;
            case BoundForEach loop:
                PrintForEach(loop);
                break;
            case BoundForEachBucket loop:
                PrintForEachBucket(loop);
                break;
            case BoundBreak:
                Line("break");
                break;
            case BoundContinue:
                Line("continue");
                break;
            case BoundNext:
                Line("next");
                break;
            case BoundNextOverload next:
                Line(next.Function.NextOverload is { } other ? $"next /* {other.Name} at {other.Span} */" : "next /* none */");
                break;
            case BoundReturn result:
                Line(result.Value is { } value ? $"return {BoundExpressionText.Of(value)}" : "return");
                break;
            case BoundTry attempt:
                Line("try");
                PrintAll([attempt.Body]);
                Line(attempt.Variable is { } variable ? $"catch ({variable.Name})" : "catch");
                PrintAll([attempt.Handler]);
                break;
            case BoundDeleteElement delete:
                Line($"delete {delete.Array.Name}[{BoundExpressionText.OfKeys(delete.Keys)}]");
                break;
            case BoundDeleteVariable delete:
                Line($"delete {delete.Variable.Name}");
                break;
            default:
                throw new InvalidOperationException($"no such statement: {statement.GetType().Name}");
        }
    }

    private void PrintForEach(BoundForEach loop)
    {
        string value = loop.Value is { } variable ? $"{variable.Name} = " : "";
        string slice = loop.Slice is { } keys ? $"[{BoundExpressionText.OfKeys(keys)}]" : "";
        string extractor = loop.SortExtractor is { } statistic ? $" {BoundExpressionText.Name(statistic)}" : "";
        string sort = loop.SortKey switch
        {
            null => "",
            < 0 => $"{extractor} {Direction(loop.Descending)} by value",
            int key => $" {Direction(loop.Descending)} by {loop.Keys[key].Name}",
        };
        Line(
            $"foreach ({value}[{string.Join(", ", loop.Keys.Select(static key => key.Name))}] in "
                + $"{loop.Array.Name}{slice}{sort}{Limit(loop.Limit)})");
        PrintAll([loop.Body]);
    }

    private void PrintForEachBucket(BoundForEachBucket loop)
    {
        string value = loop.Value is { } variable ? $"{variable.Name} = " : "";
        Line($"foreach ({value}[{loop.Bucket.Name}] in {BoundExpressionText.Of(loop.Histogram)}{Limit(loop.Limit)})");
        PrintAll([loop.Body]);
    }

    private static string Direction(bool descending) => descending ? "-" : "+";

    private static string Limit(BoundExpression? limit) => limit is null ? "" : $" limit {BoundExpressionText.Of(limit)}";

    private static string OfOrNothing(BoundExpression? expression) => expression is null ? "" : BoundExpressionText.Of(expression);

    private void PrintAll(IReadOnlyList<BoundStatement> statements)
    {
        _depth++;
        foreach (BoundStatement statement in statements)
            Print(statement);
        _depth--;
    }

    private void Line(string line) => text.Append(' ', _depth * 2).Append(line).Append('\n');
}
