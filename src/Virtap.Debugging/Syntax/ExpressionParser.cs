using Virtap.Binaries.Types;

namespace Virtap.Debugging.Syntax;

/// <summary>
/// Reads C expressions with what gdb adds to them: <c>a@n</c>, <c>{type} address</c>, <c>'file.c'::name</c>, <c>$register</c>.
/// </summary>
public sealed partial class ExpressionParser
{
    private const int MaxNested = 256;

    /// <summary>From the loosest to the tightest; all from left to right.</summary>
    private static readonly string[][] s_levels =
    [
        ["||"], ["&&"], ["|"], ["^"], ["&"], ["==", "!="], ["<", ">", "<=", ">="], ["<<", ">>"], ["@"], ["+", "-"], ["*", "/", "%"],
    ];

    private static readonly string[] s_keywords = ["struct", "union", "enum", "class", "sizeof", "_Alignof", "alignof"];

    private static readonly string[] s_assignments = ["=", "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=", "<<=", ">>="];

    private readonly string _text;
    private readonly IExpressionNames _names;
    private readonly List<Token> _tokens;
    private int _at;
    private int _depth;

    private ExpressionParser(string text, IExpressionNames names)
    {
        (_text, _names, _tokens) = (text, names, ExpressionLexer.Read(text));
    }

    private Token Current => _tokens[_at];

    /// <summary>Reads an expression, or a type where one may stand.</summary>
    /// <param name="text">The text.</param>
    /// <param name="names">Says which names are types.</param>
    /// <exception cref="ExpressionException">It is none; the exception says where.</exception>
    public static ExpressionNode Parse(string text, IExpressionNames names)
    {
        var parser = new ExpressionParser(text, names);
        ExpressionNode node = parser.Comma();
        return parser.Current.Kind == TokenKind.End ? node : throw parser.Unexpected();
    }

    /// <summary>A name before the error that nobody knows: had it been a type's, there would be none.</summary>
    private Token? FirstUnknown()
    {
        for (int at = 0; at < _at; at++)
        {
            bool isMember = at > 0 && _tokens[at - 1] is { Kind: TokenKind.Sign, Text: "." or "->" or "::" };
            string name = _tokens[at].Text;
            if (_tokens[at].Kind == TokenKind.Name && !isMember && !_names.IsObject(name) && _names.FindType(name) is null
                && !s_keywords.Contains(name) && !s_words.Contains(name) && !s_qualifiers.Contains(name))
                return _tokens[at];
        }

        return null;
    }

    private ExpressionNode Comma()
    {
        ExpressionNode node = Conditional();
        while (TakeSign(","))
        {
            ExpressionNode next = Conditional();
            node = new BinaryNode(TextSpan.Over(node.Span, next.Span), ",", node, next);
        }

        return node;
    }

    private ExpressionNode Conditional()
    {
        if (++_depth > MaxNested)
            throw new ExpressionException(Current.Span, $"the expression is nested more than {MaxNested} deep");
        ExpressionNode node = Binary(0);
        if (TakeSign("?"))
        {
            ExpressionNode then = Comma();
            Expect(":");
            ExpressionNode other = Conditional();
            node = new ConditionalNode(TextSpan.Over(node.Span, other.Span), node, then, other);
        }

        _depth--;
        if (Current.Kind == TokenKind.Sign && Array.IndexOf(s_assignments, Current.Text) >= 0)
            throw new ExpressionException(
                Current.Span, "nothing is written to the target: an expression may not assign", "== compares");
        return node;
    }

    private ExpressionNode Binary(int level)
    {
        if (level == s_levels.Length)
            return Unary();
        ExpressionNode left = Binary(level + 1);
        while (Current.Kind == TokenKind.Sign && Array.IndexOf(s_levels[level], Current.Text) >= 0)
        {
            string sign = Take().Text;
            ExpressionNode right = Binary(level + 1);
            left = new BinaryNode(TextSpan.Over(left.Span, right.Span), sign, left, right);
        }

        return left;
    }

    private ExpressionNode Unary()
    {
        if (++_depth > MaxNested)
            throw new ExpressionException(Current.Span, $"the expression is nested more than {MaxNested} deep");
        ExpressionNode node = UnaryOperand();
        _depth--;
        return node;
    }

    private ExpressionNode UnaryOperand()
    {
        Token token = Current;
        if (token is { Kind: TokenKind.Sign, Text: "-" or "+" or "!" or "~" or "*" or "&" })
        {
            _at++;
            ExpressionNode operand = Unary();
            return new UnaryNode(TextSpan.Over(token.Span, operand.Span), token.Text, operand);
        }

        // gdb takes a & b for a && that stands before something.
        if (token is { Kind: TokenKind.Sign, Text: "++" or "--" })
            throw new ExpressionException(token.Span, "nothing is written to the target: an expression may not assign");
        if (token is { Kind: TokenKind.Name, Text: "sizeof" or "_Alignof" or "alignof" })
        {
            _at++;
            ExpressionNode operand = IsTypeInParentheses() ? TypeInParentheses() : Unary();
            return new SizeOfNode(TextSpan.Over(token.Span, operand.Span), operand, token.Text != "sizeof");
        }

        if (TakeSign("{"))
        {
            CType type = TypeName();
            Expect("}");
            ExpressionNode address = Unary();
            return new AtAddressNode(TextSpan.Over(token.Span, address.Span), type, address);
        }

        if (!IsTypeInParentheses())
            return Postfix();
        TypeNode cast = TypeInParentheses();
        if (!BeginsOperand())
            return cast;
        ExpressionNode value = Unary();
        return new CastNode(TextSpan.Over(token.Span, value.Span), cast.Type, value);
    }

    private bool BeginsOperand() => Current.Kind switch
    {
        TokenKind.End => false,
        TokenKind.Sign => Current.Text is "(" or "-" or "+" or "!" or "~" or "*" or "&" or "{" or "::",
        _ => true,
    };

    private TypeNode TypeInParentheses()
    {
        Token open = Take();
        CType type = TypeName();
        Token close = Expect(")");
        return new TypeNode(TextSpan.Over(open.Span, close.Span), type);
    }

    private ExpressionNode Postfix()
    {
        ExpressionNode node = Primary();
        while (true)
        {
            Token token = Current;
            if (TakeSign("["))
            {
                ExpressionNode index = Comma();
                Token close = Expect("]");
                node = new IndexNode(TextSpan.Over(node.Span, close.Span), node, index);
            }
            else if (TakeSign(".") || TakeSign("->"))
            {
                if (Current.Kind != TokenKind.Name)
                    throw Unexpected();
                Token name = Take();
                node = new MemberNode(TextSpan.Over(node.Span, name.Span), node, Qualified(name), name.Span, token.Text == "->");
            }
            else if (TakeSign("("))
            {
                node = Call(node, token);
            }
            else if (token is { Kind: TokenKind.Sign, Text: "++" or "--" })
            {
                throw new ExpressionException(token.Span, "nothing is written to the target: an expression may not assign");
            }
            else
            {
                return node;
            }
        }
    }

    private CallNode Call(ExpressionNode function, Token open)
    {
        int start = open.Span.Start + 1;
        for (int depth = 1; Current.Kind != TokenKind.End; _at++)
        {
            depth += Current is { Kind: TokenKind.Sign, Text: "(" } ? 1 : Current is { Kind: TokenKind.Sign, Text: ")" } ? -1 : 0;
            if (depth == 0)
            {
                Token close = Take();
                return new CallNode(TextSpan.Over(function.Span, close.Span), function, _text[start..close.Span.Start].Trim());
            }
        }

        throw Unexpected();
    }

    private ExpressionNode Primary()
    {
        Token token = Take();
        switch (token.Kind)
        {
            case TokenKind.Number or TokenKind.Float or TokenKind.Character:
                return token.Node!;
            case TokenKind.Text:
                return Texts((TextNode)token.Node!);
            case TokenKind.Dollar:
                return new DollarNode(token.Span, token.Text);
            case TokenKind.Quoted:
                return QuotedName(token);
            case TokenKind.Sign when token.Text == "(":
                ExpressionNode inner = Comma();
                Token close = Expect(")");
                return inner with { Span = TextSpan.Over(token.Span, close.Span) };
            case TokenKind.Sign when token.Text == "::" && Current.Kind == TokenKind.Name:
                return Primary();
            case TokenKind.Name when Current is { Kind: TokenKind.Sign, Text: "." or "::" } && FileName(token) is { } inFile:
                return inFile;
            case TokenKind.Name:
                _at--;
                if (BeginsType())
                    return new TypeNode(token.Span, TypeName());
                _at++;
                string name = Qualified(token);
                Token last = _tokens[_at - 1];
                return new NameNode(TextSpan.Over(token.Span, last.Span), name);
            default:
                _at -= token.Kind == TokenKind.End ? 0 : 1;
                throw Unexpected();
        }
    }

    private TextNode Texts(TextNode first)
    {
        TextNode node = first;
        while (Current is { Kind: TokenKind.Text, Node: TextNode next })
        {
            _at++;
            node = new TextNode(TextSpan.Over(node.Span, next.Span), [.. node.Bytes, .. next.Bytes]);
        }

        return node;
    }

    /// <summary><c>'file.c'::name</c>, or a name that C could not write.</summary>
    private NameNode QuotedName(Token place)
    {
        if (!TakeSign("::"))
            return new NameNode(place.Span, place.Text);
        Token name = Current.Kind is TokenKind.Name or TokenKind.Quoted ? Take() : throw Unexpected();
        return new NameNode(TextSpan.Over(place.Span, name.Span), Qualified(name), place.Text);
    }

    /// <summary><c>file.c::name</c>, whose file's name is three words to C; null where it is something else.</summary>
    private NameNode? FileName(Token first)
    {
        int at = _at;
        while (_tokens[at] is { Kind: TokenKind.Sign, Text: "." } && _tokens[at + 1].Kind == TokenKind.Name)
            at += 2;
        bool isFile = at > _at && _tokens[at] is { Kind: TokenKind.Sign, Text: "::" } && _tokens[at + 1].Kind == TokenKind.Name;
        if (!isFile)
            return null;
        string file = _text[first.Span.Start..(_tokens[at - 1].Span.Start + _tokens[at - 1].Span.Length)];
        Token name = _tokens[at + 1];
        _at = at + 2;
        return new NameNode(TextSpan.Over(first.Span, name.Span), Qualified(name), file);
    }

    /// <summary>A name and what belongs to it: <c>space::f</c>, <c>C&lt;int&gt;::x</c>.</summary>
    private string Qualified(Token first)
    {
        string name = first.Text;
        while (Current is { Kind: TokenKind.Sign, Text: "::" } && _tokens[_at + 1].Kind == TokenKind.Name)
        {
            _at++;
            name = $"{name}::{Take().Text}";
        }

        return name;
    }

    private Token Take() => _tokens[Current.Kind == TokenKind.End ? _at : _at++];

    private bool TakeSign(string sign)
    {
        bool isIt = Current.Kind == TokenKind.Sign && Current.Text == sign;
        _at += isIt ? 1 : 0;
        return isIt;
    }

    private Token Expect(string sign) => Current.Kind == TokenKind.Sign && Current.Text == sign ? Take() : throw Unexpected();

    private ExpressionException Unexpected() => FirstUnknown() is { } unknown
        ? new ExpressionException(unknown.Span, $"No symbol \"{unknown.Text}\" in current context.")
        {
            Fault = ExpressionFault.UnknownName,
        }
        : new ExpressionException(
            Current.Span,
            Current.Kind == TokenKind.End ? "A syntax error in expression, near `'."
                : $"A syntax error in expression, near `{_text[Current.Span.Start..]}'.");
}
