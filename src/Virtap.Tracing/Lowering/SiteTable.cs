using Virtap.Language.Diagnostics;
using Virtap.Tracing.Lowering.Tree;

namespace Virtap.Tracing.Lowering;

/// <summary>The places that can raise errors, in SystemTap's words: "operator '/'", "identifier 'x'", "keyword".</summary>
internal sealed class SiteTable
{
    private static readonly string[] Operators =
    [
        "<<<", "<<=", ">>=", "->", "++", "--", "&&", "||", "==", "!=", "<=", ">=", "<<", ">>", "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=", ".=", "=~", "!~",
    ];

    private static readonly HashSet<string> Keywords =
    [
        "probe", "global", "private", "function", "if", "else", "for", "foreach", "in", "limit", "return", "delete", "while", "break", "continue", "next", "string", "long", "try", "catch",
    ];

    private readonly Dictionary<ErrorSite, int> _numbers = [];
    private readonly List<ErrorSite> _sites = [];

    public IReadOnlyList<ErrorSite> Sites => _sites;

    /// <summary>The number of a place; <paramref name="operand"/> names what is read there, for a read fault.</summary>
    public int Of(SourceSpan span, string? operand = null)
    {
        var site = new ErrorSite(Token(span), span.ToString(), operand);
        if (!_numbers.TryGetValue(site, out int number))
        {
            number = _sites.Count;
            _sites.Add(site);
            _numbers[site] = number;
        }

        return number;
    }

    /// <summary>The token at the start of a span, as SystemTap describes it.</summary>
    private static string Token(SourceSpan span)
    {
        string text = span.Source.Text;
        int start = span.Start;
        if (start >= text.Length)
            return "end of file";
        char first = text[start];
        if (char.IsAsciiDigit(first))
            return $"number '{Run(text, start)}'";
        if (first == '"')
            return $"string '{Quoted(text, start + 1)}'";
        if (first == '@' && start + 1 < text.Length && !char.IsAsciiDigit(text[start + 1]))
            return $"operator '@{Run(text, start + 1)}'";
        if (IsWord(first) || first == '@')
        {
            string word = first == '@' ? "@" + Run(text, start + 1) : Run(text, start);
            return Keywords.Contains(word) ? "keyword" : $"identifier '{word}'";
        }

        foreach (string each in Operators)
        {
            if (string.CompareOrdinal(text, start, each, 0, each.Length) == 0)
                return $"operator '{each}'";
        }

        return $"operator '{first}'";
    }

    private static string Quoted(string text, int start)
    {
        int end = start;
        while (end < text.Length && text[end] is not ('"' or '\n'))
            end += text[end] == '\\' ? 2 : 1;
        return text[start..Math.Min(end, text.Length)];
    }

    private static string Run(string text, int start)
    {
        int end = start;
        while (end < text.Length && IsWord(text[end]))
            end++;
        return text[start..end];
    }

    private static bool IsWord(char c) => char.IsAsciiLetterOrDigit(c) || c is '_' or '$';
}
