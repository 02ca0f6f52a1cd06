using System.Globalization;

namespace Virtap.Language.Lexing;

/// <summary>
/// Reads tokens out of a text, script arguments (<c>$1 @1 $# @#</c>) already put in. Never fails: what is no token comes out as
/// <see cref="TokenKind.Junk"/>.
/// </summary>
internal sealed partial class Lexer
{
    private readonly SourceText _source;
    private readonly string _text;
    private readonly IReadOnlyList<string>? _arguments;
    private readonly HashSet<int>? _used;
    private int _position;

    /// <summary>The tokens of the argument that is being put in.</summary>
    private Lexer? _inserted;

    /// <summary>The place of the <c>$1</c> that <see cref="_inserted"/> stands for.</summary>
    private SourceSpan _insertedAt;

    /// <summary>Reads a script.</summary>
    /// <param name="source">The text.</param>
    /// <param name="arguments">What <c>$1</c> and its like stand for; null inside of an argument, where they stand for nothing.</param>
    /// <param name="start">Where to begin.</param>
    /// <param name="used">Takes the numbers of the arguments that are put in.</param>
    public Lexer(SourceText source, IReadOnlyList<string>? arguments, int start = 0, HashSet<int>? used = null)
    {
        _used = used;
        _source = source;
        _text = source.Text;
        _arguments = arguments;
        _position = start;
    }

    /// <summary>The next token; at the end <see cref="TokenKind.EndOfFile"/>, again and again.</summary>
    public Token Next()
    {
        if (_inserted is not null)
        {
            var token = _inserted.Next();
            if (token.Kind != TokenKind.EndOfFile)
                return token with { Span = _insertedAt, Text = token.Text ?? _inserted.Written(token) };
            _inserted = null;
        }

        int before = _position;
        SkipBlanks();
        bool isAdjacent = _position == before && _position > 0;
        if (_position >= _text.Length)
            return Make(TokenKind.EndOfFile, _text.Length);

        var next = Read();
        return next with { IsAdjacent = isAdjacent };
    }

    private char Peek(int ahead = 0) => _position + ahead < _text.Length ? _text[_position + ahead] : '\0';

    private string Written(Token token) => _text.Substring(token.Span.Start, token.Span.Length);

    private Token Make(TokenKind kind, int start) => new(kind, SpanFrom(start, kind.Class()));

    private Token Junk(int start, int end, TokenError error)
    {
        _position = end;
        return Make(TokenKind.Junk, start) with { Error = error };
    }

    private SourceSpan SpanFrom(int start, TokenClass tokenClass) =>
        new(_source, start, _position - start) { TokenClass = tokenClass, TokenLength = _position - start };

    /// <summary>Skips blanks and comments; one that has no end ends with the text, as in SystemTap.</summary>
    private void SkipBlanks()
    {
        while (_position < _text.Length)
        {
            char c = _text[_position];
            if (c is ' ' or '\t' or '\n' or '\r' or '\f' or '\v')
            {
                _position++;
            }
            else if (c == '#' || (c == '/' && Peek(1) == '/'))
            {
                int end = _text.IndexOf('\n', _position);
                _position = end < 0 ? _text.Length : end + 1;
            }
            else if (c == '/' && Peek(1) == '*')
            {
                int end = _text.IndexOf("*/", _position + 2, StringComparison.Ordinal);
                _position = end < 0 ? _text.Length : end + 2;
            }
            else
            {
                break;
            }
        }
    }

    private Token Read()
    {
        char c = _text[_position];
        if (IsDigit(c))
            return ReadNumber();
        if (c == '"')
            return ReadString();
        if (c is '$' or '@')
        {
            if (Peek(1) == '#')
                return InsertCount(c == '@');
            if (IsDigit(Peek(1)))
                return InsertArgument(c == '@');
        }
        if (IsWordStart(c))
            return ReadWord();
        if (c == '@')
            return ReadAtName();
        if (c == '%' && Peek(1) == '{')
            return ReadEmbedded();
        return ReadOperator();
    }

    private Token ReadWord()
    {
        int start = _position;
        SkipWord();
        var word = _text.AsSpan(start, _position - start);
        var kind = TokenKinds.OfWord(word);
        return kind == TokenKind.Identifier ? Make(kind, start) with { Text = word.ToString() } : Make(kind, start);
    }

    private Token ReadAtName()
    {
        int start = _position++;
        SkipWord();
        return _position == start + 1 ? Make(TokenKind.At, start) : Make(TokenKind.AtName, start) with { Text = _text[start.._position] };
    }

    private void SkipWord()
    {
        while (_position < _text.Length && IsWordPart(_text[_position]))
            _position++;
    }

    private Token ReadEmbedded()
    {
        int start = _position;
        int end = _text.IndexOf("%}", start + 2, StringComparison.Ordinal);
        if (end < 0)
            return Junk(start, _text.Length, new TokenError("Could not find matching '%}' to close embedded function block"));
        _position = end + 2;
        return Make(TokenKind.Embedded, start) with { Text = _text[(start + 2)..end] };
    }

    private Token InsertCount(bool quoted)
    {
        int start = _position;
        _position += 2;
        if (_arguments is null)
            return NestedInsertion(start);
        string count = _arguments.Count.ToString(CultureInfo.InvariantCulture);
        var kind = quoted ? TokenKind.String : TokenKind.Number;
        return new Token(kind, SpanFrom(start, TokenClass.Argument)) { Text = count, Value = _arguments.Count };
    }

    private Token InsertArgument(bool quoted)
    {
        int start = _position++;
        while (IsDigit(Peek()))
            _position++;
        if (_arguments is null)
            return NestedInsertion(start);
        if (!int.TryParse(_text.AsSpan(start + 1, _position - start - 1), NumberStyles.None, CultureInfo.InvariantCulture, out int number)
            || number < 1 || number > _arguments.Count)
        {
            return JunkArgument(start, new TokenError(
                $"command line argument out of range [1-{_arguments.Count}]",
                _arguments.Count == 0 ? "the script wants arguments: write them behind its name" : null));
        }

        string argument = _arguments[number - 1];
        _used?.Add(number);
        _insertedAt = SpanFrom(start, TokenClass.Argument);
        if (quoted)
            return new Token(TokenKind.String, _insertedAt) { Text = argument };

        // The argument takes the place of the characters $1, so what is written on to it belongs to it: with the argument "vfs", $1_read
        // is vfs_read.
        if (argument.Length > 0 && IsWordPart(argument[^1]))
        {
            int tail = _position;
            while (IsWordPart(Peek()) && Peek() != '$')
                _position++;
            argument += _text[tail.._position];
        }
        _inserted = new Lexer(new SourceText(_source.Name, argument), null);
        return Next();
    }

    private Token NestedInsertion(int start) =>
        JunkArgument(start, new TokenError("invalid nested substitution of command line arguments"));

    private Token JunkArgument(int start, TokenError error) =>
        new(TokenKind.Junk, SpanFrom(start, TokenClass.Argument)) { Error = error };

    private static bool IsDigit(char c) => c is >= '0' and <= '9';

    private static bool IsWordStart(char c) => c is (>= 'a' and <= 'z') or (>= 'A' and <= 'Z') or '_' or '$';

    private static bool IsWordPart(char c) => IsWordStart(c) || IsDigit(c);
}
