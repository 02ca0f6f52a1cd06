using Virtap.Language.Lexing;

namespace Virtap.Language.Syntax.Preprocessing;

/// <summary>
/// The preprocessor's first pass: takes definitions out of the stream of tokens and puts bodies in. Mistakes stay in the stream as junk,
/// for the parser to report where it meets them.
/// </summary>
internal sealed class MacroExpander
{
    /// <summary>More than this many tokens out of macros is a macro that doubles itself, not a script.</summary>
    private const int MaxExpandedTokens = 250_000;

    /// <summary>Calls within calls; enough for any library.</summary>
    private const int MaxNesting = 100;

    private readonly Lexer _lexer;
    private readonly MacroLibrary _library;
    private readonly Dictionary<string, Macro> _macros = [];
    private readonly Stack<Frame> _frames = new();
    private int _argumentDepth;
    private int _expandedTokens;

    /// <summary>Expands the macros of a text.</summary>
    public MacroExpander(Lexer lexer, MacroLibrary library)
    {
        _lexer = lexer;
        _library = library;
    }

    /// <summary>The next token, macros expanded.</summary>
    public Token Next()
    {
        while (true)
        {
            var token = Take(out var frame);
            if (token.Kind != TokenKind.AtName || frame is { IsArgument: true })
                return token;

            if (token.Text == MacroReader.Define)
            {
                if (frame is not null)
                    return token.AsMistake("'@define' forbidden inside macro body");
                if (Define() is { } wrong)
                    return wrong;
                continue;
            }

            string name = token.Text![1..];
            if (frame?.Arguments is { } arguments && arguments.TryGetValue(name, out var argument))
            {
                _frames.Push(new Frame(argument, null, IsArgument: true, new Expansion(token.Text, token.Span, token.Expansion)));
                continue;
            }
            if (!_macros.TryGetValue(name, out var macro) && (macro = _library.Find(name)) is null)
                return token;
            if (Call(token, macro) is { } error)
                return error;
        }
    }

    /// <summary>The next token as it is written: in what a condition leaves out, macros are neither defined nor called.</summary>
    public Token NextWritten() => Take(out _);

    /// <summary>The next token as it is written, out of the innermost body that has one left.</summary>
    private Token Take(out Frame? frame)
    {
        while (_frames.TryPeek(out frame))
        {
            if (frame.Position < frame.Tokens.Count)
            {
                var token = frame.Tokens[frame.Position++];
                if (++_expandedTokens > MaxExpandedTokens)
                    return TooMany(token);
                return token with { Expansion = token.Expansion ?? frame.Expansion };
            }
            _frames.Pop();
        }
        return _lexer.Next();
    }

    /// <summary>One mistake, then the end of the file: going on would only make more of the same.</summary>
    private Token TooMany(Token token) => _expandedTokens == MaxExpandedTokens + 1
        ? token.AsMistake($"macros expand to more than {MaxExpandedTokens} tokens")
        : new Token(TokenKind.EndOfFile, token.Span);

    private Token? Define()
    {
        var macro = MacroReader.Read(_lexer.Next, out var at, out var error);
        if (macro is null)
            return at.AsMistake(error!.Message);
        if (_macros.TryGetValue(macro.Name, out var first))
        {
            var name = new Token(TokenKind.Identifier, macro.Span) { Text = macro.Name };
            return name.AsMistake($"attempt to redefine macro '@{macro.Name}' in the same file", $"it is defined at {first.Span} already");
        }
        _macros.Add(macro.Name, macro);
        return null;
    }

    /// <summary>Goes into a macro's body; or returns what is wrong with the call.</summary>
    private Token? Call(Token call, Macro macro)
    {
        int nesting = 0;
        foreach (var frame in _frames)
        {
            if (ReferenceEquals(frame.Macro, macro))
                return call.AsMistake($"recursive invocation of macro '@{macro.Name}'");
            nesting++;
        }
        if (nesting + _argumentDepth > MaxNesting)
            return call.AsMistake($"macros nested more than {MaxNesting} deep");

        Dictionary<string, IReadOnlyList<Token>>? arguments = null;
        if (macro.Parameters.Count > 0)
        {
            _argumentDepth++;
            var error = ReadArguments(call, macro, arguments = []);
            _argumentDepth--;
            if (error is not null)
                return error;
        }
        _frames.Push(
            new Frame(macro.Body, arguments, IsArgument: false, new Expansion(call.Text!, call.Span, call.Expansion)) { Macro = macro });
        return null;
    }

    private Token? ReadArguments(Token call, Macro macro, Dictionary<string, IReadOnlyList<Token>> arguments)
    {
        int expected = macro.Parameters.Count;
        var open = Next();
        if (open.Kind != TokenKind.OpenParen)
            return open.AsMistake(
                $"expected '(' in invocation of macro '@{macro.Name}' taking {expected} parameter{(expected == 1 ? "" : "s")}");

        List<Token> argument = [];
        int index = 0;
        for (int depth = 0; ;)
        {
            var token = Next();
            switch (token.Kind)
            {
                case TokenKind.EndOfFile:
                    return call.AsMistake("could not find end of macro invocation");
                case TokenKind.Junk when token.Error?.Subject is not null:
                    // A call within the arguments went wrong; a broken literal, on the other hand, may yet be left out by a condition.
                    return token;
                case TokenKind.OpenParen or TokenKind.OpenBracket or TokenKind.OpenBrace:
                    depth++;
                    break;
                case TokenKind.CloseParen when depth == 0:
                    arguments[macro.Parameters[index++]] = argument;
                    return index == expected
                        ? null : token.AsMistake($"too few parameters for macro '@{macro.Name}' (expected {expected})");
                case TokenKind.CloseParen or TokenKind.CloseBracket or TokenKind.CloseBrace:
                    depth--;
                    break;
                case TokenKind.Comma when depth == 0:
                    arguments[macro.Parameters[index++]] = argument;
                    argument = [];
                    if (index == expected)
                        return token.AsMistake($"too many parameters for macro '@{macro.Name}' (expected {expected})");
                    continue;
            }
            argument.Add(token);
        }
    }

    /// <summary>A body or an argument that is being read.</summary>
    private sealed record Frame(
        IReadOnlyList<Token> Tokens,
        Dictionary<string, IReadOnlyList<Token>>? Arguments,
        bool IsArgument,
        Expansion Expansion)
    {
        public Macro? Macro { get; init; }

        public int Position { get; set; }
    }
}
