using Virtap.Language.Diagnostics;
using Virtap.Language.Lexing;
using Virtap.Language.Syntax.Preprocessing;
using Virtap.Language.Syntax.Tree;

namespace Virtap.Language.Syntax.Parsing;

/// <summary>
/// A recursive-descent parser of SystemTap's language. After a mistake it sees nothing but the end of the file, which ends every loop,
/// until it is back at the declarations; there it drops the broken one and goes on with the next that it finds.
/// </summary>
internal sealed partial class Parser
{
    /// <summary>Statements and expressions within each other.</summary>
    private const int MaxNesting = 300;

    /// <summary>How deep a tree may be, rows of operators and of else-if counted; later passes walk it recursively.</summary>
    private const int MaxDepth = 1000;

    private readonly SourceText _source;
    private readonly List<Token> _tokens;
    private readonly DiagnosticBag _diagnostics;
    private readonly bool _allowsEmbedded;
    private readonly List<DeclarationSyntax> _declarations = [];
    private readonly Dictionary<string, bool> _globals = [];
    private int _position;
    private bool _failed;
    private bool _inFunction;
    private int _nesting;
    private int _depth;

    /// <summary>Parses the tokens of a text.</summary>
    public Parser(SourceText source, List<Token> tokens, LanguageEnvironment environment, DiagnosticBag diagnostics)
    {
        _source = source;
        _tokens = tokens;
        _diagnostics = diagnostics;
        _allowsEmbedded = environment.IsGuru || environment.IsLibrary;
    }

    /// <summary>The token that is looked at.</summary>
    private Token Current => _failed ? _tokens[^1] : _tokens[_position];

    private TokenKind Kind => _failed ? TokenKind.EndOfFile : _tokens[_position].Kind;

    /// <summary>The kind of the token behind the current one.</summary>
    private TokenKind NextKind => _failed ? TokenKind.EndOfFile : _tokens[Math.Min(_position + 1, _tokens.Count - 1)].Kind;

    private Token Take()
    {
        var token = Current;
        if (!_failed && token.Kind != TokenKind.EndOfFile)
            _position++;
        return token;
    }

    private bool TryTake(TokenKind kind)
    {
        if (Kind != kind)
            return false;
        _position++;
        return true;
    }

    private Token Expect(TokenKind kind) => Expect(kind, $"expected '{kind.Spelling()}'");

    private Token Expect(TokenKind kind, string message)
    {
        if (Kind != kind)
            Fail(message);
        return Take();
    }

    /// <summary>A name that is the script's to choose.</summary>
    private Token ExpectName()
    {
        if (Kind != TokenKind.Identifier)
            Fail("expected identifier", Kind.IsKeyword() ? $"'{Kind.Spelling()}' is a word of the language" : null);
        return Take();
    }

    private static string NameOf(Token token) => token.Text ?? "";

    /// <summary>From a token to the one before the current one.</summary>
    private SourceSpan SpanFrom(Token first) => SpanFrom(first.Span);

    private SourceSpan SpanFrom(SourceSpan first) => _failed || _position == 0 ? first : first.To(_tokens[_position - 1].Span);

    /// <summary>The current token is not what has to come.</summary>
    private void Fail(string message, string? hint = null) => Report(Current, message, hint, isUnexpected: true);

    /// <summary>A token that was taken is wrong.</summary>
    private void FailAt(Token token, string message, string? hint = null) => Report(token, message, hint, isUnexpected: false);

    private void Report(Token token, string message, string? hint, bool isUnexpected)
    {
        if (_failed)
            return;
        ReportOnly(token, message, hint, isUnexpected);
        _failed = true;
    }

    /// <summary>Reports a mistake that does not hinder the parser.</summary>
    private void ReportOnly(Token token, string message, string? hint, bool isUnexpected)
    {
        if (_failed)
            return;
        if (token is { Kind: TokenKind.Junk, Error: { } error })
            (message, hint, isUnexpected) = (error.Message, error.Hint, false);
        else if (token.Kind == TokenKind.EndOfFile)
            (message, hint) = AtEnd(message, hint);

        // An argument that is a token, and the wrong one.
        if (token.Error is null)
            hint ??= Hints.Argument(token.Span);
        List<(string, SourceSpan?)>? related = null;
        for (var expansion = token.Expansion; expansion is not null; expansion = expansion.Outer)
            (related ??= []).Add(($"in expansion of macro: operator '{expansion.Name}'", expansion.Span));
        _diagnostics.Add(new Diagnostic(DiagnosticKind.Parse, message, token.Span, hint, related)
        {
            Subject = token.Describe(),
            IsUnexpected = isUnexpected,
        });
    }

    /// <summary>What is said of a text that ends where something was to come.</summary>
    private static (string Message, string? Hint) AtEnd(string message, string? hint) => message switch
    {
        ExpectedStatement or ExpectedPoints or ExpectedForm => (message, hint),
        ExpectedValue => ("expected value", hint),
        _ => ("unexpected end-of-file", hint ?? message),
    };

    /// <summary>Goes one level deeper; false, and an error, where that would be too deep. Pairs with <see cref="Leave"/>.</summary>
    private bool Enter()
    {
        if (++_nesting > MaxNesting || ++_depth > MaxDepth)
            Fail(_nesting > MaxNesting ? $"nested more than {MaxNesting} deep" : $"more than {MaxDepth} statements within each other");
        return !_failed;
    }

    private void Leave()
    {
        _depth--;
        _nesting--;
    }
}
