using Virtap.Language.Diagnostics;
using Virtap.Language.Lexing;
using Virtap.Language.Syntax.Preprocessing;
using Virtap.Language.Syntax.Tree;

namespace Virtap.Language.Syntax.Parsing;

internal sealed partial class Parser
{
    private const string Logarithmic = "@hist_log", Linear = "@hist_linear";

    private static readonly (string Name, StatisticOperator Operator)[] s_statistics =
    [
        ("@count", StatisticOperator.Count),
        ("@sum", StatisticOperator.Sum),
        ("@min", StatisticOperator.Min),
        ("@max", StatisticOperator.Max),
        ("@avg", StatisticOperator.Average),
        ("@variance", StatisticOperator.Variance),
    ];

    private static bool IsHistogram(Token token) => token is { Kind: TokenKind.AtName, Text: Logarithmic or Linear };

    private static StatisticOperator? StatisticOf(string name)
    {
        foreach ((string other, StatisticOperator statistic) in s_statistics)
        {
            if (other == name)
                return statistic;
        }

        return null;
    }

    private ExpressionSyntax ParseAtOperator()
    {
        var name = Current;
        if (IsHistogram(name))
            return ParseBucket();
        if (StatisticOf(name.Text!) is { } statistic)
            return ParseExtract(statistic);
        if (AtOperators.Parsers.TryGetValue(name.Text!, out Func<Parser, Token, ExpressionSyntax>? parse))
        {
            Take();
            return parse(this, name);
        }

        Fail(
            $"unknown operator {name.Text}", NearestWord(name.Text!, [.. AtOperatorNames.All.Select(static each => "@" + each)])
            ?? "it is no macro of this file or of the library either");
        return Nothing();
    }

    /// <summary>The operators that are not about aggregates, and what stands behind each. Made when a script has the first one.</summary>
    private static class AtOperators
    {
        public static readonly Dictionary<string, Func<Parser, Token, ExpressionSyntax>> Parsers = new()
        {
            ["@cast"] = static (parser, name) => parser.ParseCast(name),
            ["@var"] = static (parser, name) => parser.ParseVar(name),
            ["@defined"] = static (parser, name) => parser.ParseDefined(name),
            ["@choose_defined"] = static (parser, name) => parser.ParseChooseDefined(name),
            ["@entry"] = static (parser, name) => parser.AtOperator(name, parser.ParseOperand()),
            ["@perf"] = static (parser, name) => parser.AtOperator(name, parser.ParseNamed("expected literal string")),
            ["@const"] = static (parser, name) => parser.NeedsGuru(name).AtOperator(name, parser.ParseNamed("expected string")),
            ["@enum"] = static (parser, name) => parser.AtOperator(name, parser.ParseNamed("expected string")),
            ["@enumname"] = static (parser, name) => parser.ParseEnumName(name),
            ["@uregister"] = static (parser, name) => parser.AtOperator(name, parser.ParseRegister()),
            ["@kregister"] = static (parser, name) => parser.NeedsGuru(name).AtOperator(name, parser.ParseRegister()),
            ["@uderef"] = static (parser, name) => parser.ParseDereference(name),
            ["@kderef"] = static (parser, name) => parser.NeedsGuru(name).ParseDereference(name),
            ["@probewrite"] = static (parser, name) => parser.ParseProbeWrite(name),
            ["@errno"] = static (parser, name) => parser.ParseErrno(name),
        };
    }

    private AtOperatorSyntax AtOperator(Token name, params IReadOnlyList<ExpressionSyntax> arguments) =>
        new(SpanFrom(name), name.Text![1..], arguments);

    /// <summary>One expression in parentheses.</summary>
    private ExpressionSyntax ParseOperand()
    {
        var operand = ParseParenthesized();
        Grow(_height, Current);
        return operand;
    }

    /// <summary>One string in parentheses.</summary>
    private StringSyntax ParseNamed(string message)
    {
        Expect(TokenKind.OpenParen);
        var text = ParseString(message);
        Expect(TokenKind.CloseParen);
        return text;
    }

    private DefinedSyntax ParseDefined(Token name)
    {
        ExpressionSyntax operand = ParseOperand();
        return new DefinedSyntax(SpanFrom(name), operand);
    }

    /// <summary>An operator that only a trusted script may have.</summary>
    private Parser NeedsGuru(Token name)
    {
        if (!_allowsEmbedded)
            Report(name, $"using {name.Text} operator not permitted; need stap -g", Hints.EmbeddedCode, isUnexpected: true);
        return this;
    }

    private AtOperatorSyntax ParseErrno(Token name)
    {
        if (TryTake(TokenKind.OpenParen))
            Expect(TokenKind.CloseParen);
        return AtOperator(name);
    }

    private NumberSyntax ParseRegister()
    {
        Expect(TokenKind.OpenParen);
        var number = ParseInteger();
        Expect(TokenKind.CloseParen);
        return number;
    }

    private AtCastSyntax ParseCast(Token name)
    {
        Expect(TokenKind.OpenParen);
        var operand = ParseExpression();
        Expect(TokenKind.Comma);
        string type = ParseString("expected string").Value;
        string? module = TryTake(TokenKind.Comma) ? ParseString("expected string").Value : null;
        Expect(TokenKind.CloseParen);
        Grow(_height, name);
        var accesses = ParseAccesses();
        return new AtCastSyntax(SpanFrom(name), operand, type, module, accesses);
    }

    private AtVarSyntax ParseVar(Token name)
    {
        Expect(TokenKind.OpenParen);
        string variable = ParseString("expected string").Value;
        string? module = TryTake(TokenKind.Comma) ? ParseString("expected string").Value : null;
        Expect(TokenKind.CloseParen);
        var accesses = ParseAccesses();
        return new AtVarSyntax(SpanFrom(name), variable, module, accesses);
    }

    private ChooseDefinedSyntax ParseChooseDefined(Token name)
    {
        Expect(TokenKind.OpenParen);
        var first = ParseExpression();
        int height = _height;
        Expect(TokenKind.Comma);
        var second = ParseExpression();
        Expect(TokenKind.CloseParen);
        Grow(height, name);
        return new ChooseDefinedSyntax(SpanFrom(name), first, second);
    }

    private AtOperatorSyntax ParseEnumName(Token name)
    {
        Expect(TokenKind.OpenParen);
        List<ExpressionSyntax> arguments = [ParseExpression()];
        while (TryTake(TokenKind.Comma))
            arguments.Add(ParseString("expected string"));
        Expect(TokenKind.CloseParen);
        Grow(_height, name);
        return AtOperator(name, arguments);
    }

    private AtOperatorSyntax ParseDereference(Token name)
    {
        Expect(TokenKind.OpenParen);
        var size = ParseInteger();
        Expect(TokenKind.Comma);
        var address = ParseExpression();
        Expect(TokenKind.CloseParen);
        Grow(_height, name);
        return AtOperator(name, size, address);
    }

    private AtOperatorSyntax ParseProbeWrite(Token name)
    {
        Expect(TokenKind.OpenParen);
        var variable = ExpectName();
        Expect(TokenKind.CloseParen);
        ExpressionSyntax operand = NameOf(variable).StartsWith('$')
            ? new TargetSyntax(variable.Span, variable.Text![1..], [])
            : new NameSyntax(variable.Span, NameOf(variable));
        return AtOperator(name, operand);
    }

    private ExtractSyntax ParseExtract(StatisticOperator statistic)
    {
        var name = Take();
        Expect(TokenKind.OpenParen);
        var operand = ParseExpression();
        List<ExpressionSyntax> parameters = [];
        int max = statistic == StatisticOperator.Variance ? 1 : 0;
        while (Kind == TokenKind.Comma)
        {
            if (parameters.Count == max)
                FailAt(Current, max == 0 ? "not more than 1 parameter allowed" : "not more than 2 parameters allowed");
            Take();
            parameters.Add(ParseInteger());
        }
        Expect(TokenKind.CloseParen);
        Grow(_height, name);
        return new ExtractSyntax(SpanFrom(name), statistic, operand, parameters);
    }

    private HistogramSyntax ParseHistogram()
    {
        var name = Take();
        bool isLinear = name.Text == Linear;
        Expect(TokenKind.OpenParen);
        var operand = ParseExpression();
        List<ExpressionSyntax> parameters = [];
        for (int i = 0; isLinear && i < 3 && !_failed; i++)
        {
            Expect(TokenKind.Comma);
            parameters.Add(ParseInteger());
        }
        Expect(TokenKind.CloseParen);
        Grow(_height, name);
        return new HistogramSyntax(SpanFrom(name), operand, isLinear, parameters);
    }

    /// <summary>A histogram's bucket; the whole of one is no value, and stands only where something is done with all of it.</summary>
    private ExpressionSyntax ParseBucket()
    {
        var name = Current;
        var histogram = ParseHistogram();
        int height = _height;
        if (Kind != TokenKind.OpenBracket)
        {
            FailAt(
                name, "base histogram operator where expression expected", "print() prints it, foreach walks it, brackets take a bucket");
            return histogram;
        }
        Take();
        var index = ParseExpression();
        Expect(TokenKind.CloseBracket);
        Grow(height, name);
        return new ElementSyntax(SpanFrom(name), histogram, [index]);
    }
}
