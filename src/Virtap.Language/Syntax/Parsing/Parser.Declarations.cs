using Virtap.Language.Diagnostics;
using Virtap.Language.Lexing;
using Virtap.Language.Syntax.Tree;
using Virtap.Names;

namespace Virtap.Language.Syntax.Parsing;

internal sealed partial class Parser
{
    private const string ExpectedDeclaration = "expected 'probe', 'global', 'private', 'function', or '%{'";

    /// <summary>Parses the whole text.</summary>
    public ScriptSyntax ParseScript()
    {
        while (Kind != TokenKind.EndOfFile)
        {
            var declaration = ParseDeclaration();
            if (_failed)
                Recover();
            else if (declaration is not null)
                _declarations.Add(declaration);
        }
        return new ScriptSyntax(_source, _declarations);
    }

    private DeclarationSyntax? ParseDeclaration()
    {
        var first = Current;
        switch (first.Kind)
        {
            case TokenKind.Probe:
                Take();
                return ParseProbe(first);
            case TokenKind.Global:
                Take();
                return ParseGlobals(first, isPrivate: false);
            case TokenKind.Function:
                Take();
                return ParseFunction(first, isPrivate: false);
            case TokenKind.Private:
                Take();
                if (TryTake(TokenKind.Function))
                    return ParseFunction(first, isPrivate: true);
                if (TryTake(TokenKind.Global) || Kind == TokenKind.Identifier)
                    return ParseGlobals(first, isPrivate: true);
                Fail("expected 'function' or identifier");
                return null;
            case TokenKind.Embedded:
                return new EmbeddedDeclarationSyntax(first.Span, TakeEmbedded());
            case TokenKind.Semicolon:
                Fail(ExpectedDeclaration, "between declarations no ';' is needed");
                return null;
            case TokenKind.Identifier:
                Fail(ExpectedDeclaration, NearestWord(first.Text!, "probe", "global", "private", "function"));
                return null;
            default:
                Fail(ExpectedDeclaration);
                return null;
        }
    }

    /// <summary>Goes on with the next declaration behind a mistake.</summary>
    private void Recover()
    {
        _failed = false;
        _nesting = _depth = 0;
        for (; Kind is not (TokenKind.EndOfFile or TokenKind.Probe or TokenKind.Global or TokenKind.Function or TokenKind.Private
            or TokenKind.Embedded); _position++)
        {
            if (Current is { Kind: TokenKind.Junk, Error: not null } broken)
                ReportOnly(broken, "", null, isUnexpected: false);
        }
    }

    private GlobalSyntax ParseGlobals(Token first, bool isPrivate)
    {
        List<GlobalDeclaratorSyntax> declarators = [];
        do
        {
            declarators.Add(ParseGlobal(isPrivate));
        }
        while (TryTake(TokenKind.Comma));
        var span = SpanFrom(first);
        TryTake(TokenKind.Semicolon);
        return new GlobalSyntax(span, isPrivate, declarators);
    }

    private GlobalDeclaratorSyntax ParseGlobal(bool isPrivate)
    {
        var name = ExpectName();
        if (!_failed && !_globals.TryAdd(NameOf(name), isPrivate))
        {
            bool isConflict = _globals[NameOf(name)] != isPrivate;
            ReportOnly(
                name, isConflict ? "global versus private variable declaration conflict" : "duplicate global name", null,
                isUnexpected: true);
        }

        bool wraps = TryTake(TokenKind.Percent);
        long? size = null;
        if (TryTake(TokenKind.OpenBracket))
        {
            var number = ParseInteger();
            if (!_failed && number.Value <= 0)
            {
                ReportOnly(
                    _tokens[_position - 1], "array size out of range", "an array has room for one element at least", isUnexpected: false);
            }

            size = number.Value;
            Expect(TokenKind.CloseBracket);
        }

        ExpressionSyntax? initializer = null;
        if (Kind == TokenKind.Equal)
        {
            if (size is not null)
                Fail("only scalar globals can be initialized");
            Take();
            initializer = ParseLiteral();
        }
        return new GlobalDeclaratorSyntax(SpanFrom(name), NameOf(name), wraps, size, initializer);
    }

    private FunctionSyntax? ParseFunction(Token first, bool isPrivate)
    {
        // As in SystemTap; such a function can be declared, but not called.
        var name = Kind is TokenKind.StringType or TokenKind.Long ? Take() : ExpectName();
        var type = ParseOptionalType();
        Expect(TokenKind.OpenParen);

        List<ParameterSyntax> parameters = [];
        while (Kind is not (TokenKind.CloseParen or TokenKind.EndOfFile))
        {
            var parameter = ExpectName();
            if (!_failed && parameters.Exists(p => p.Name == parameter.Text))
                ReportOnly(parameter, "duplicate parameter names", null, isUnexpected: true);
            var parameterType = ParseOptionalType();
            parameters.Add(new ParameterSyntax(SpanFrom(parameter), NameOf(parameter), parameterType));
            if (!TryTake(TokenKind.Comma) && Kind != TokenKind.CloseParen)
                Fail("expected ',' or ')'");
        }
        Expect(TokenKind.CloseParen);

        long? priority = null;
        if (TryTake(TokenKind.Colon))
        {
            priority = ParseInteger("expected literal string or number").Value;
            if (!_failed && priority <= 0)
                ReportOnly(_tokens[_position - 1], "specified priority must be > 0", null, isUnexpected: true);
        }

        _inFunction = true;
        var body = ParseFunctionBody();
        _inFunction = false;
        return new FunctionSyntax(SpanFrom(first), isPrivate, name.Text ?? name.Kind.Spelling() ?? "", type, parameters, priority, body)
        {
            NameSpan = name.Span,
        };
    }

    private StatementSyntax ParseFunctionBody()
    {
        var open = Current;
        if (open.Kind == TokenKind.Embedded)
            return new EmbeddedStatementSyntax(open.Span, TakeEmbedded());
        return ParseBlock();
    }

    private ScriptType ParseOptionalType()
    {
        // A colon behind the parentheses is the priority's, and is not looked at here.
        if (!TryTake(TokenKind.Colon))
            return ScriptType.Unknown;
        if (TryTake(TokenKind.StringType))
            return ScriptType.String;
        if (TryTake(TokenKind.Long))
            return ScriptType.Long;
        Fail("expected 'string' or 'long'");
        return ScriptType.Unknown;
    }

    /// <summary>Embedded C is read everywhere where it may stand, and let through only where it is trusted.</summary>
    private string TakeEmbedded()
    {
        var token = Take();
        if (!_allowsEmbedded)
            ReportOnly(token, "embedded code in unprivileged script; need stap -g", null, isUnexpected: true);
        return token.Text ?? "";
    }

    /// <summary>A hint where a word looks like one of some others, mistyped.</summary>
    private static string? NearestWord(string word, params ReadOnlySpan<string> candidates)
    {
        string? nearest = NameSuggestion.Nearest(word, candidates);
        return nearest is null ? null : $"did you mean '{nearest}'?";
    }
}
