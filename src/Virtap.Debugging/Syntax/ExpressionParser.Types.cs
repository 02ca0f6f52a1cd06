using Virtap.Binaries.Types;
using Virtap.Debugging.Values;

namespace Virtap.Debugging.Syntax;

/// <summary>Types within expressions.</summary>
public sealed partial class ExpressionParser
{
    private static readonly string[] s_qualifiers = ["const", "volatile", "restrict", "_Atomic"];

    private static readonly string[] s_words =
        ["void", "char", "short", "int", "long", "float", "double", "signed", "unsigned", "_Bool", "__int128"];

    private bool IsTypeInParentheses()
    {
        if (Current is not { Kind: TokenKind.Sign, Text: "(" })
            return false;
        _at++;
        bool isType = BeginsType();
        _at--;
        return isType;
    }

    private bool BeginsType()
    {
        if (Current.Kind != TokenKind.Name)
            return false;
        string word = Current.Text;
        if (word is "struct" or "union" or "enum" or "class" || s_qualifiers.Contains(word) || s_words.Contains(word))
            return true;
        int before = _at;
        bool isType = NamedType() is not null;
        _at = before;
        return isType;
    }

    private CType TypeName() => Declarator(Specifiers());

    private CType Specifiers()
    {
        List<string> qualifiers = [], words = [];
        CType? type = null;
        Token first = Current;
        while (Current.Kind == TokenKind.Name)
        {
            string word = Current.Text;
            if (s_qualifiers.Contains(word))
                qualifiers.Add(Take().Text);
            else if (type is null && s_words.Contains(word))
                words.Add(Take().Text);
            else if (type is null && words.Count == 0 && word is "struct" or "union" or "enum" or "class")
                type = Tagged();
            else if (type is null && words.Count == 0 && NamedType() is { } named)
                type = named;
            else
                break;
        }

        type ??= words.Count > 0 ? BuiltInTypes.Of(words) : null;
        if (type is null)
            throw words.Count > 0 ? new ExpressionException(first.Span, $"there is no type {string.Join(' ', words)}") : Unexpected();
        return qualifiers.Count > 0 ? new QualifiedType(string.Join(' ', qualifiers.Distinct()), type) : type;
    }

    private CType Tagged()
    {
        Token keyword = Take();
        Token tag = Current.Kind == TokenKind.Name ? Take() : throw Unexpected();
        string name = WithArguments(Qualified(tag));
        return _names.FindType($"{keyword.Text} {name}")
            ?? throw new ExpressionException(
                TextSpan.Over(keyword.Span, tag.Span), $"No {(keyword.Text == "class" ? "struct" : keyword.Text)} type named {name}.")
            {
                Fault = ExpressionFault.UnknownType,
            };
    }

    private CType? NamedType()
    {
        Token first = Take();
        string name = WithArguments(Qualified(first));
        if (_names.IsObject(name))
            return null;
        return _names.FindType(name);
    }

    /// <summary>A name with the arguments of its template, as C++'s compilers write them.</summary>
    private string WithArguments(string name)
    {
        if (Current is not { Kind: TokenKind.Sign, Text: "<" })
            return name;
        int at = _at, depth = 0;
        do
        {
            depth += _tokens[at] switch
            {
                { Kind: TokenKind.Sign, Text: "<" } => 1,
                { Kind: TokenKind.Sign, Text: ">" } => -1,
                { Kind: TokenKind.Sign, Text: ">>" } => -2,
                _ => 0,
            };
            at++;
        }
        while (depth > 0 && _tokens[at].Kind != TokenKind.End);
        if (depth > 0)
            return name;
        string full = name + _text[Current.Span.Start.._tokens[at - 1].Span.Start] + ">";
        if (_names.FindType(full) is null)
            return name;
        _at = at;
        return full;
    }

    /// <summary>What stands around the name that a type's name has not: <c>*</c>, <c>(*)[3]</c>, <c>(*)(int)</c>.</summary>
    private CType Declarator(CType type)
    {
        while (true)
        {
            if (TakeSign("*"))
                type = new PointerType(type);
            else if (TakeSign("&"))
                type = new PointerType(type) { Kind = PointerKind.Reference };
            else if (TakeSign("&&"))
                type = new PointerType(type) { Kind = PointerKind.RvalueReference };
            else if (Current.Kind == TokenKind.Name && s_qualifiers.Contains(Current.Text))
                type = new QualifiedType(Take().Text, type);
            else
                break;
        }

        // The inner declarator's stars come after what stands behind it.
        int inner = -1, behind = -1;
        if (Current is { Kind: TokenKind.Sign, Text: "(" } && _tokens[_at + 1] is { Kind: TokenKind.Sign, Text: "*" or "&" or "(" })
        {
            inner = ++_at;
            Declarator(type);
            Expect(")");
        }

        type = Suffixes(type);
        behind = _at;
        if (inner < 0)
            return type;
        _at = inner;
        type = Declarator(type);
        _at = behind;
        return type;
    }

    private CType Suffixes(CType type)
    {
        if (TakeSign("["))
        {
            long? count = null;
            if (Current is { Kind: TokenKind.Number, Node: NumberNode number })
            {
                _at++;
                count = (long)number.Value;
            }

            Expect("]");
            return new ArrayType(Suffixes(type), count);
        }

        if (!TakeSign("("))
            return type;
        List<CType> parameters = [];
        while (!TakeSign(")"))
        {
            if (parameters.Count > 0)
                Expect(",");
            parameters.Add(TypeName());
        }

        bool isVoid = parameters is [VoidType];
        return new FunctionType(type, isVoid ? [] : parameters.Count == 0 ? null : parameters, IsVariadic: false);
    }
}
