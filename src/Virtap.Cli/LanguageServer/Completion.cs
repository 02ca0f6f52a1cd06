using System.Text;
using Virtap.Language.Syntax.Preprocessing;

namespace Virtap.Cli.LanguageServer;

/// <summary>What can stand where somebody types.</summary>
/// <param name="forms">The forms of probe points: <c>process(string).mark(string)</c>.</param>
/// <param name="functions">The library's functions.</param>
/// <param name="aliases">The library's aliases.</param>
internal sealed class Completion(
    IReadOnlyList<string> forms, IReadOnlyList<ScriptName> functions, IReadOnlyList<ScriptName> aliases)
{
    private static readonly string[] s_keywords =
    [
        "probe", "function", "global", "private", "if", "else", "while", "for", "foreach", "in", "limit", "return", "next", "break",
        "continue", "delete", "try", "catch",
    ];

    /// <summary>The completions at an offset of a document.</summary>
    public IReadOnlyList<CompletionItem> At(ScriptDocument document, ScriptAnalysis analysis, int offset)
    {
        if (PointBefore(document.Text.AsSpan(0, offset)) is { } point)
            return OfPoint(document, analysis, point, offset);
        (int start, _) = document.WordAt(offset);
        string typed = document.Text[start..offset];
        IEnumerable<ScriptName> names = typed switch
        {
            ['$', ..] => ScriptNames.OfTarget(analysis, offset),
            ['@', ..] => AtOperatorNames.All.Select(static name => new ScriptName("@" + name, ScriptName.OfOperator, "operator @" + name)),
            _ => ScriptNames.Locals(analysis, offset).Concat(ScriptNames.Declared(analysis)).Concat(functions)
                .Concat(s_keywords.Select(static word => new ScriptName(word, ScriptName.OfKeyword, word))),
        };
        return Items(document, names.Where(name => name.Kind != ScriptName.OfProbe), start, offset, typed);
    }

    private List<CompletionItem> OfPoint(ScriptDocument document, ScriptAnalysis analysis, string point, int offset)
    {
        if (point.Count(static c => c == '"') % 2 == 1)
            return OfText(document, analysis, point, offset);
        string typed = Normalize(point);
        int dot = typed.LastIndexOf('.') + 1;
        string last = typed[dot..];
        if (last.Contains('(', StringComparison.Ordinal))
            return [];
        IEnumerable<ScriptName> own = ScriptNames.Declared(analysis).Where(static name => name.Kind == ScriptName.OfProbe);
        IEnumerable<ScriptName> names = forms.Concat(aliases.Concat(own).Select(static alias => alias.Name))
            .Where(form => form.StartsWith(typed, StringComparison.Ordinal))
            .Select(form => form[dot..].Split('.')[0])
            .Distinct()
            .Select(static component => new ScriptName(component.Split('(')[0], ScriptName.OfProbe, component));
        return Items(document, names, offset - last.Length, offset, last);
    }

    /// <summary>Names in quotes: those of the functions and marks that there are.</summary>
    private static List<CompletionItem> OfText(ScriptDocument document, ScriptAnalysis analysis, string point, int offset)
    {
        int quote = point.LastIndexOf('"');
        string typed = point[(quote + 1)..];
        if (point[..quote].EndsWith("process(", StringComparison.Ordinal))
            return [];
        IEnumerable<ScriptName> names = analysis.Resolve($"{point}*\")")
            .Select(static target => target.MarkName ?? target.Function)
            .OfType<string>()
            .Distinct()
            .Select(static name => new ScriptName(name, ScriptName.OfProbe, name));
        return Items(document, names, offset - typed.Length, offset, typed);
    }

    private static List<CompletionItem> Items(ScriptDocument document, IEnumerable<ScriptName> names, int start, int end, string typed) =>
    [
        .. names.Where(name => name.Name.StartsWith(typed, StringComparison.Ordinal))
            .DistinctBy(static name => (name.Name, name.Kind))
            .Select(name => new CompletionItem(
                name.Name, name.Kind, name.Detail, new TextEdit(document.RangeOf(start, end - start), name.Name))),
    ];

    /// <summary>The probe point that is being typed at the end of a text; null where there is none.</summary>
    private static string? PointBefore(ReadOnlySpan<char> text)
    {
        const string Keyword = "probe";
        int probe = text.LastIndexOf(Keyword);
        if (probe < 0 || (probe > 0 && (char.IsAsciiLetterOrDigit(text[probe - 1]) || text[probe - 1] == '_')))
            return null;
        ReadOnlySpan<char> points = text[(probe + Keyword.Length)..];
        if (points.Length == 0 || !char.IsWhiteSpace(points[0]))
            return null;
        int begin = 0;
        bool isQuoted = false;
        for (int i = 0; i < points.Length; i++)
        {
            if (points[i] == '"')
                isQuoted = !isQuoted;
            else if (!isQuoted && points[i] is '{' or '}')
                return null;
            else if (!isQuoted && points[i] is ',' or '=')
                begin = i + 1;
        }

        return points[begin..].TrimStart().ToString();
    }

    /// <summary>A point as forms are written: <c>process("x").ma</c> is <c>process(string).ma</c>.</summary>
    private static string Normalize(string point)
    {
        var normal = new StringBuilder();
        for (int i = 0; i < point.Length; i++)
        {
            normal.Append(point[i]);
            int close = point[i] == '(' ? point.IndexOf(')', i) : -1;
            if (close < 0)
                continue;
            normal.Append(point[i + 1] == '"' ? "string)" : "number)");
            i = close;
        }

        return normal.ToString();
    }
}
