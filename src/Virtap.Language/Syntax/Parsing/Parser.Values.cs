using Virtap.Language.Formats;
using Virtap.Language.Lexing;
using Virtap.Language.Syntax.Tree;

namespace Virtap.Language.Syntax.Parsing;

internal sealed partial class Parser
{
    private const string ExpectedValue = "expected literal string or number";

    /// <summary>A value with the members and elements behind it, perhaps its address.</summary>
    private ExpressionSyntax ParseReference()
    {
        var first = Current;
        bool isAddress = TryTake(TokenKind.Ampersand);
        var value = ParseValue();
        if (Kind is TokenKind.Arrow or TokenKind.OpenBracket && value is not (TargetSyntax or AtVarSyntax or AtCastSyntax))
        {
            var sign = Current;
            var accesses = ParseAccesses();
            value = new AutocastSyntax(SpanFrom(value.Span), value, accesses);
            Grow(_height, sign);
        }
        if (!isAddress)
            return value;
        Grow(_height, first);
        return new AddressOfSyntax(first.Span.To(value.Span), value);
    }

    private ExpressionSyntax ParseValue()
    {
        var token = Current;
        _height = 1;
        switch (token.Kind)
        {
            case TokenKind.Number:
                return new NumberSyntax(token.Span, TakeNumber(ExpectedValue));
            case TokenKind.String:
                return ParseString(ExpectedValue);
            case TokenKind.OpenParen:
                Take();
                var expression = ParseExpression();
                Expect(TokenKind.CloseParen);
                return expression;
            case TokenKind.Embedded:
                if (!_allowsEmbedded)
                    Fail("embedded expression code in unprivileged script; need stap -g");
                return new EmbeddedExpressionSyntax(token.Span, TakeEmbedded());
            case TokenKind.AtName:
                return ParseAtOperator();
            case TokenKind.At:
                Fail("unknown operator @");
                return Nothing();
            case TokenKind.Identifier:
                return token.IsTarget ? ParseTarget() : ParseSymbol();
            default:
                Fail(ExpectedValue);
                return Nothing();
        }
    }

    private StringSyntax ParseString(string message)
    {
        var token = Expect(TokenKind.String, message);
        return new StringSyntax(token.Span, ValueOf(token));
    }

    /// <summary>A string's value, which a NUL ends.</summary>
    private static string ValueOf(Token text)
    {
        string value = text.Text ?? "";
        int nul = value.IndexOf('\0', StringComparison.Ordinal);
        return nul < 0 ? value : value[..nul];
    }

    private long TakeNumber(string message)
    {
        var token = Current;
        if (token.Kind == TokenKind.Number && token.Error is not null)
            Fail(token.Error.Message);
        return Expect(TokenKind.Number, message).Value;
    }

    private NumberSyntax ParseInteger(string message = "expected number")
    {
        var first = Current;
        bool isNegative = TryTake(TokenKind.Minus);
        long value = TakeNumber(message);
        return new NumberSyntax(SpanFrom(first), isNegative ? unchecked(-value) : value);
    }

    /// <summary>A string, or a number with its sign.</summary>
    private ExpressionSyntax ParseLiteral() => Kind == TokenKind.String ? ParseString(ExpectedValue) : ParseInteger(ExpectedValue);

    /// <summary>A script's own name: a variable, an element, a call.</summary>
    private ExpressionSyntax ParseSymbol()
    {
        var name = Take();
        if (IsPrinting(name.Text!))
            return ParsePrint(name);
        if (Kind == TokenKind.OpenParen)
        {
            Take();
            var arguments = ParseArguments(name.Text);
            return new CallSyntax(SpanFrom(name), name.Text!, arguments);
        }

        var variable = new NameSyntax(name.Span, name.Text!);
        if (Kind != TokenKind.OpenBracket)
            return variable;
        var keys = ParseKeys();
        return new ElementSyntax(SpanFrom(name), variable, keys);
    }

    private static bool IsPrinting(string name) => name is
        "print" or "println" or "printf" or "printd" or "printdln" or "sprint" or "sprintln" or "sprintf" or "sprintd" or "sprintdln";

    private CallSyntax ParsePrint(Token name)
    {
        string text = name.Text!;
        Expect(TokenKind.OpenParen);
        if (text is "print" or "println" or "sprint" or "sprintln" && IsHistogram(Current))
        {
            int start = _position;
            var histogram = ParseHistogram();
            if (TryTake(TokenKind.CloseParen))
                return new CallSyntax(SpanFrom(name), text, [histogram]);
            if (Kind != TokenKind.OpenBracket)
                Expect(TokenKind.CloseParen);
            if (!_failed)
                _position = start;
        }

        // A format and a delimiter are part of the program, not of its data.
        bool hasLiteral = text.EndsWith('f') || text.Contains('d', StringComparison.Ordinal);
        if (hasLiteral && Kind != TokenKind.String)
            Fail(
                "expected literal string", text.EndsWith('f')
                ? "a format is written out; other strings are printed with \"%s\"" : "the delimiter is written out");
        if (text.EndsWith('f') && Kind == TokenKind.String)
            CheckFormat(Current);
        if (hasLiteral && !_failed && NextKind is not (TokenKind.Comma or TokenKind.CloseParen or TokenKind.EndOfFile))
            Report(_tokens[_position + 1], "expected one of ', )'", "what is printed by is one literal", isUnexpected: true);
        if (Kind == TokenKind.CloseParen && text is "print" or "sprint")
            Fail(ExpectedValue, "println() ends a line");
        var arguments = ParseArguments(isPrinting: true);
        // What SystemTap takes is what has something to delimit: two values at least.
        if (arguments.Count < 3 && text.Contains('d', StringComparison.Ordinal) && !_failed)
            Fail(ExpectedValue, $"{text} takes a delimiter and two values or more");
        return new CallSyntax(SpanFrom(name), text, arguments);
    }

    /// <summary>
    /// A format that cannot be read is told here, at what follows it, as SystemTap does; what it takes, where its arguments have types.
    /// </summary>
    private void CheckFormat(Token format)
    {
        if (format.Error is null && FormatParser.Parse(ValueOf(format), out string? error) is null)
            Report(_tokens[_position + 1], error ?? "", "there are %b %c %d %i %m %M %o %p %s %u %x %X and %%", isUnexpected: true);
    }

    /// <summary>Expressions up to the closing parenthesis, which is taken; the opening one was.</summary>
    /// <param name="name">What is called; a mistyped statement looks like a call.</param>
    /// <param name="isPrinting">Whether it prints; SystemTap's words differ.</param>
    private List<ExpressionSyntax> ParseArguments(string? name = null, bool isPrinting = false)
    {
        List<ExpressionSyntax> arguments = [];
        int height = _height = 1;
        if (TryTake(TokenKind.CloseParen))
            return arguments;
        while (true)
        {
            arguments.Add(ParseExpression());
            height = Math.Max(height, _height);
            if (TryTake(TokenKind.CloseParen))
                break;
            if (!TryTake(TokenKind.Comma))
            {
                Fail(
                    $"expected one of '{(isPrinting ? ", )" : ") ,")}'",
                    name is null ? null : NearestWord(name, "if", "for", "foreach", "while", "catch"));
                break;
            }
        }
        Grow(height, Current);
        return arguments;
    }

    /// <summary><c>[k1, *]</c>, null for a star.</summary>
    private List<ExpressionSyntax?> ParseKeys()
    {
        Expect(TokenKind.OpenBracket);
        List<ExpressionSyntax?> keys = [];
        int height = _height = 1;
        while (true)
        {
            if (Kind == TokenKind.Star && NextKind is TokenKind.Comma or TokenKind.CloseBracket)
            {
                Take();
                keys.Add(null);
            }
            else
            {
                keys.Add(ParseExpression());
                height = Math.Max(height, _height);
            }
            if (TryTake(TokenKind.CloseBracket))
                break;
            if (!TryTake(TokenKind.Comma))
            {
                Fail("expected one of '] ,'");
                break;
            }
        }
        Grow(height, Current);
        return keys;
    }

    /// <summary><c>$x->f[1]$$</c></summary>
    private TargetSyntax ParseTarget()
    {
        var token = Take();
        string name = TrimPretty(token.Text!, out int depth);
        if (name.Length == 0)
            (name, depth) = (token.Text!, 0);
        _height = 1;
        var accesses = ParseAccesses(token, depth);
        return new TargetSyntax(SpanFrom(token), name[1..], accesses);
    }

    /// <summary>The accesses behind a value; a pretty-printing one is the last.</summary>
    private List<TargetAccessSyntax> ParseAccesses(Token first = default, int depth = 0)
    {
        List<TargetAccessSyntax> accesses = [];
        int height = _height;
        if (depth > 0)
            accesses.Add(new PrettyAccessSyntax(first.Span, depth));
        while (true)
        {
            var token = Current;
            if (token.Kind is TokenKind.Arrow or TokenKind.OpenBracket && accesses is [.., PrettyAccessSyntax])
            {
                Fail("-> and [ are not accepted for a pretty-printing variable");
                break;
            }
            if (TryTake(TokenKind.Arrow))
            {
                var member = Current;
                if (member.Kind != TokenKind.Identifier && !member.Kind.IsKeyword())
                    Fail("expected identifier or keyword");
                Take();
                string name = TrimPretty(member.Text ?? member.Kind.Spelling() ?? "", out depth);
                if (name.Length > 0)
                    accesses.Add(new MemberAccessSyntax(SpanFrom(token), name));
                if (depth > 0)
                    accesses.Add(new PrettyAccessSyntax(member.Span, depth));
            }
            else if (TryTake(TokenKind.OpenBracket))
            {
                var index = ParseExpression();
                height = Math.Max(height, _height);
                Expect(TokenKind.CloseBracket);
                accesses.Add(new IndexAccessSyntax(SpanFrom(token), index));
            }
            else if (token.Kind == TokenKind.Identifier && (accesses is [.., IndexAccessSyntax] || (accesses is [] && first.Text is null))
                && token.Text!.AsSpan().IndexOfAnyExcept('$') < 0)
            {
                Take();
                accesses.Add(new PrettyAccessSyntax(token.Span, token.Text!.Length));
            }
            else
            {
                break;
            }
        }
        _height = height;
        return accesses;
    }

    /// <summary><c>$</c> is a character of names, so those that ask for pretty-printing come as the end of the name before them.</summary>
    private static string TrimPretty(string name, out int depth)
    {
        string trimmed = name.TrimEnd('$');
        depth = name.Length - trimmed.Length;
        return trimmed;
    }
}
