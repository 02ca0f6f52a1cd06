using System.Text;
using Virtap.Language.Lexing;
using Virtap.Language.Syntax.Tree;

namespace Virtap.Language.Syntax.Parsing;

internal sealed partial class Parser
{
    private const string ExpectedPoints = "expected one of ', { } = +='";

    /// <summary>Braces multiply; more points than this are a mistake.</summary>
    private const int MaxPoints = 4096;

    private DeclarationSyntax? ParseProbe(Token first)
    {
        List<ProbePointSyntax> names = [];
        List<ProbePointSyntax> points = [];
        bool isEpilogue = false;
        if (Kind == TokenKind.EndOfFile)
            Fail("expected identifier or '*' or '{'");
        while (Kind != TokenKind.EndOfFile)
        {
            var start = Current;
            var parsed = ParsePoints();
            points.AddRange(parsed);
            if (points.Count > MaxPoints)
                FailAt(start, $"braces make more than {MaxPoints} probe points");

            if (Kind is TokenKind.Equal or TokenKind.PlusEqual)
            {
                if (points.Count != 1 || isEpilogue)
                    Fail("expected probe point specifier");
                else if (points[0].IsOptional || points[0].IsSufficient)
                    FailAt(start, "probe point alias name cannot be optional nor sufficient");
                isEpilogue = Take().Kind == TokenKind.PlusEqual;
                names.AddRange(points);
                points.Clear();
            }
            else if (!TryTake(TokenKind.Comma))
            {
                break;
            }
        }

        if (Kind != TokenKind.OpenBrace)
            Fail(ExpectedPoints);
        var body = ParseBlock();
        if (names.Count == 0)
            return new ProbeSyntax(SpanFrom(first), IsPrivate: false, points, body);

        BlockSyntax? epilogue = isEpilogue ? body : null;
        if (Kind == TokenKind.Comma)
        {
            if (isEpilogue)
                Fail("Combined prologue and epilogue cannot be defined with '+='");
            Take();
            epilogue = ParseBlock();
        }
        return new AliasSyntax(SpanFrom(first), IsPrivate: false, names, points, isEpilogue ? null : body, epilogue);
    }

    /// <summary>One written probe point: after its braces are multiplied out, some.</summary>
    private List<ProbePointSyntax> ParsePoints()
    {
        var first = Current;
        if (!Enter())
            return [];
        var points = ParseComponent();
        while (TryTake(TokenKind.Dot))
        {
            var suffixes = ParseComponent();
            if (points.Exists(IsFinal))
                FailAt(first, "'?', '!' or condition must only be specified in suffix");
            if ((long)points.Count * suffixes.Count > MaxPoints)
            {
                FailAt(first, $"braces make more than {MaxPoints} probe points");
                break;
            }
            List<ProbePointSyntax> product = new(points.Count * suffixes.Count);
            foreach (var prefix in points)
            {
                foreach (var suffix in suffixes)
                    product.Add(suffix with { Components = [.. prefix.Components, .. suffix.Components] });
            }
            points = product;
        }

        if (Kind is TokenKind.Question or TokenKind.Not)
        {
            if (points.Exists(p => p.IsOptional || p.IsSufficient))
                Fail("'?' or '!' respecified");
            bool isSufficient = Take().Kind == TokenKind.Not;
            points = points.ConvertAll(p => p with { IsOptional = !isSufficient, IsSufficient = isSufficient });
        }
        if (TryTake(TokenKind.If))
        {
            if (points.Exists(p => p.Condition is not null))
                FailAt(first, "condition respecified");
            Expect(TokenKind.OpenParen);
            var condition = ParseExpression();
            Expect(TokenKind.CloseParen);
            points = points.ConvertAll(p => p with { Condition = condition });
        }
        var span = SpanFrom(first);
        Leave();
        return points.ConvertAll(p => p with { Span = span });
    }

    private static bool IsFinal(ProbePointSyntax point) => point.IsOptional || point.IsSufficient || point.Condition is not null;

    /// <summary>A component as the only one of a point, or the points between braces.</summary>
    private List<ProbePointSyntax> ParseComponent()
    {
        var first = Current;
        if (TryTake(TokenKind.OpenBrace))
        {
            List<ProbePointSyntax> points = [];
            do
            {
                points.AddRange(ParsePoints());
                if (points.Count > MaxPoints)
                    FailAt(first, $"braces make more than {MaxPoints} probe points");
            }
            while (TryTake(TokenKind.Comma));
            Expect(TokenKind.CloseBrace);
            return points;
        }

        if (!IsNamePart(first.Kind))
        {
            Fail(
                "expected identifier or '*' or '{'",
                first.Kind is TokenKind.String or TokenKind.AtName
                    ? "a component is a name; what belongs to it stands in parentheses behind it" : null);
            return [];
        }
        string name = ParseComponentName();
        ExpressionSyntax? argument = null;
        if (TryTake(TokenKind.OpenParen))
        {
            argument = ParseLiteral();
            Expect(TokenKind.CloseParen);
        }
        var span = SpanFrom(first);
        // Messages call it by all of its name.
        if (name.Length > span.TokenLength)
            span = span with { TokenLength = name.Length, TokenClass = name[0] == '*' ? TokenClass.Operator : TokenClass.Identifier };
        return [new ProbePointSyntax(
            span, [new ProbeComponentSyntax(span, name, argument)], IsOptional: false, IsSufficient: false, Condition: null)];
    }

    private static bool IsNamePart(TokenKind kind) => kind is TokenKind.Identifier or TokenKind.Star || kind.IsKeyword();

    /// <summary>A name with wildcards: words and stars without blanks between them.</summary>
    private string ParseComponentName()
    {
        string name = Part(Take());
        if (!Current.IsAdjacent || !IsNamePart(Kind))
            return name;
        var text = new StringBuilder(name);
        while (Current.IsAdjacent && (IsNamePart(Kind) || Kind == TokenKind.Number))
            text.Append(Part(Take()));
        return text.ToString();
    }

    private static string Part(Token token) => token.Kind switch
    {
        TokenKind.Identifier => token.Text!,
        TokenKind.Number => token.Text ?? token.Span.Source.Text.Substring(token.Span.Start, token.Span.Length),
        _ => token.Kind.Spelling()!,
    };
}
