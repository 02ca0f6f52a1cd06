using Virtap.Language.Lexing;
using Virtap.Language.Syntax.Tree;

namespace Virtap.Language.Syntax.Parsing;

internal sealed partial class Parser
{
    private const string ExpectedStatement = "expected statement", ExpectedForm = "expression statement expected";

    private BlockSyntax ParseBlock()
    {
        var open = Expect(TokenKind.OpenBrace);
        List<StatementSyntax> statements = [];
        while (!_failed && Kind != TokenKind.CloseBrace)
            statements.Add(ParseStatement());
        Expect(TokenKind.CloseBrace);
        return new BlockSyntax(SpanFrom(open), statements);
    }

    private StatementSyntax ParseStatement()
    {
        var first = Current;
        if (!Enter())
            return new EmptySyntax(first.Span);
        var statement = ParseStatement(first);
        Leave();
        return statement;
    }

    private StatementSyntax ParseStatement(Token first)
    {
        switch (first.Kind)
        {
            case TokenKind.Semicolon:
                Take();
                return new EmptySyntax(first.Span);
            case TokenKind.OpenBrace:
                return ParseBlock();
            case TokenKind.If:
                return ParseIf();
            case TokenKind.While:
                return ParseWhile();
            case TokenKind.For:
                return ParseFor();
            case TokenKind.ForEach:
                return ParseForEach();
            case TokenKind.Try:
                return ParseTry();
            case TokenKind.Return:
                return ParseReturn();
            case TokenKind.Delete:
                Take();
                var target = ParseExpression();
                return Terminated(new DeleteSyntax(SpanFrom(first), target));
            case TokenKind.Break:
                Take();
                return Terminated(new BreakSyntax(first.Span));
            case TokenKind.Continue:
                Take();
                return Terminated(new ContinueSyntax(first.Span));
            case TokenKind.Next:
                Take();
                return Terminated(new NextSyntax(first.Span));
            case TokenKind.Embedded when _allowsEmbedded && NextKind is not (TokenKind.Plus or TokenKind.Minus or TokenKind.Dot):
                string code = TakeEmbedded();
                return Terminated(new EmbeddedStatementSyntax(first.Span, code));
            case TokenKind.EndOfFile:
                Fail(ExpectedStatement, "a '}' is missing");
                return new EmptySyntax(first.Span);
            case TokenKind.Else:
                Fail(ExpectedStatement, "this else has no if: a ';' behind the if's block ends the if");
                return new EmptySyntax(first.Span);
            default:
                if (first.Kind.IsKeyword() || first is { Kind: TokenKind.Junk, Error: null })
                {
                    bool isDeclaration = first.Kind is TokenKind.Probe or TokenKind.Function or TokenKind.Global or TokenKind.Private;
                    Fail(ExpectedStatement, isDeclaration ? "a '}' is missing before it" : null);
                    return new EmptySyntax(first.Span);
                }
                var expression = ParseExpression();
                return Terminated(new ExpressionStatementSyntax(SpanFrom(first), expression));
        }
    }

    /// <summary>Statements need no end; a semicolon behind one belongs to it.</summary>
    private StatementSyntax Terminated(StatementSyntax statement)
    {
        TryTake(TokenKind.Semicolon);
        return statement;
    }

    /// <summary>An if with its row of else-ifs, which may be long: it is read in a loop.</summary>
    private IfSyntax ParseIf()
    {
        List<(Token First, ExpressionSyntax Condition, StatementSyntax Then)> branches = [];
        StatementSyntax? otherwise = null;
        int depth = _depth;
        do
        {
            var first = Take();
            if (++_depth > MaxDepth)
                FailAt(first, $"more than {MaxDepth} else-ifs in a row");
            branches.Add((first, ParseParenthesized(), ParseStatement()));
            if (!TryTake(TokenKind.Else))
                break;
            if (Kind != TokenKind.If)
            {
                otherwise = ParseStatement();
                break;
            }
        }
        while (!_failed);

        _depth = depth;
        for (int i = branches.Count - 1; i > 0; i--)
            otherwise = new IfSyntax(SpanFrom(branches[i].First), branches[i].Condition, branches[i].Then, otherwise);
        return new IfSyntax(SpanFrom(branches[0].First), branches[0].Condition, branches[0].Then, otherwise);
    }

    private WhileSyntax ParseWhile()
    {
        var first = Take();
        var condition = ParseParenthesized();
        var body = ParseStatement();
        return new WhileSyntax(SpanFrom(first), condition, body);
    }

    private ExpressionSyntax ParseParenthesized()
    {
        Expect(TokenKind.OpenParen);
        var expression = ParseExpression();
        Expect(TokenKind.CloseParen);
        return expression;
    }

    private ForSyntax ParseFor()
    {
        var first = Take();
        Expect(TokenKind.OpenParen);
        if (Kind == TokenKind.EndOfFile)
            Fail(ExpectedForm);
        var initializer = Kind == TokenKind.Semicolon ? null : ParseExpression();
        Expect(TokenKind.Semicolon);
        var condition = Kind == TokenKind.Semicolon ? null : ParseExpression();
        Expect(TokenKind.Semicolon);
        if (Kind == TokenKind.EndOfFile)
            Fail(ExpectedForm);
        var step = Kind == TokenKind.CloseParen ? null : ParseExpression();
        Expect(TokenKind.CloseParen);
        var body = ParseStatement();
        return new ForSyntax(SpanFrom(first), initializer, condition, step, body);
    }

    private ForEachSyntax ParseForEach()
    {
        var first = Take();
        Expect(TokenKind.OpenParen);

        SortSyntax? sort = null;
        NameSyntax? value = null;
        if (Kind == TokenKind.Identifier && (NextKind == TokenKind.Equal || IsSortedValue()))
        {
            value = ParseSortedName(-1, ref sort);
            Take();
        }

        List<NameSyntax> keys = [];
        if (TryTake(TokenKind.OpenBracket))
        {
            do
            {
                keys.Add(ParseSortedName(keys.Count, ref sort));
            }
            while (TryTake(TokenKind.Comma));
            Expect(TokenKind.CloseBracket);
        }
        else
        {
            keys.Add(ParseSortedName(0, ref sort));
        }

        Expect(TokenKind.In);
        var collection = ParseCollection();
        var slice = collection is NameSyntax && Kind == TokenKind.OpenBracket ? ParseKeys() : null;
        if (Kind == TokenKind.AtName)
            ParseStatisticSort(ref sort);
        else
            ParseSort(-1, ref sort);
        var limit = TryTake(TokenKind.Limit) ? ParseExpression() : null;
        Expect(TokenKind.CloseParen);
        var body = ParseStatement();
        return new ForEachSyntax(SpanFrom(first), value, keys, collection, slice, sort, limit, body);
    }

    /// <summary>Whether <c>name+ =</c> stands here, the value with its order, rather than a key.</summary>
    private bool IsSortedValue() =>
        NextKind is TokenKind.Plus or TokenKind.Minus && _position + 2 < _tokens.Count && _tokens[_position + 2].Kind == TokenKind.Equal;

    private NameSyntax ParseSortedName(int key, ref SortSyntax? sort)
    {
        var name = ExpectName();
        ParseSort(key, ref sort);
        return new NameSyntax(name.Span, NameOf(name));
    }

    private void ParseSort(int key, ref SortSyntax? sort, StatisticOperator? extractor = null)
    {
        if (Kind is not (TokenKind.Plus or TokenKind.Minus))
            return;
        if (sort is not null)
            Fail("multiple sort directives");
        var sign = Take();
        sort = new SortSyntax(sign.Span, key, sign.Kind == TokenKind.Minus, extractor);
    }

    private void ParseStatisticSort(ref SortSyntax? sort)
    {
        if (StatisticOf(Current.Text!) is not { } extractor)
        {
            Fail("expected statistical operation");
            return;
        }
        Take();
        if (Kind is not (TokenKind.Plus or TokenKind.Minus))
            Fail("expected sort directive");
        ParseSort(-1, ref sort, extractor);
    }

    /// <summary>An array or a histogram.</summary>
    private ExpressionSyntax ParseCollection()
    {
        var token = Current;
        if (IsHistogram(token))
            return ParseHistogram();
        if (token.Kind != TokenKind.Identifier)
            Fail("expected identifier or statistical operation");
        Take();
        return new NameSyntax(token.Span, NameOf(token));
    }

    private ReturnSyntax ParseReturn()
    {
        var first = Take();
        if (!_inFunction)
            ReportOnly(first, "found 'return' not in function context", "a probe's handler ends with next", isUnexpected: true);
        var value = Kind is TokenKind.Semicolon or TokenKind.CloseBrace ? null : ParseExpression();
        var span = SpanFrom(first);
        TryTake(TokenKind.Semicolon);
        return new ReturnSyntax(span, value);
    }

    private TrySyntax ParseTry()
    {
        var first = Take();
        var body = ParseBlock();
        Expect(TokenKind.Catch);
        NameSyntax? variable = null;
        if (TryTake(TokenKind.OpenParen))
        {
            var name = ExpectName();
            variable = new NameSyntax(name.Span, NameOf(name));
            Expect(TokenKind.CloseParen);
        }
        var handler = ParseBlock();
        return new TrySyntax(SpanFrom(first), body, variable, handler);
    }
}
