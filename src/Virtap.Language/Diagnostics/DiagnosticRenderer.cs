using System.Globalization;
using System.Text;

namespace Virtap.Language.Diagnostics;

/// <summary>
/// Writes messages as <c>stap</c> writes them: the message, what stands at its place, the source line, a caret. Of similar semantic errors
/// only the first is shown, and of equal warnings, unless all are asked for; a file that was named just before is not named again. One
/// renderer is for all that a script is told.
/// </summary>
public sealed class DiagnosticRenderer
{
    private const int ParseIndent = 13;
    private const int SemanticIndent = 16;
    private const int WarningIndent = 9;

    // SystemTap's own colours (SYSTEMTAP_COLORS in stap(1)).
    private const string Error = "01;31";
    private const string Warning = "00;33";
    private const string Location = "00;34";
    private const string Bold = "01";

    private readonly bool _isColored;
    private readonly bool _showsAll;
    private readonly HashSet<string> _shown = [];

    /// <summary>The file that was named last.</summary>
    private SourceText? _named;

    private int _hiddenErrors;
    private int _hiddenWarnings;

    /// <summary>Makes a renderer.</summary>
    /// <param name="isColored">Whether for a terminal, with SystemTap's colours.</param>
    /// <param name="showsAll">Whether similar messages are shown too (-v).</param>
    public DiagnosticRenderer(bool isColored = false, bool showsAll = false)
    {
        _isColored = isColored;
        _showsAll = showsAll;
    }

    /// <summary>What is said at the end where messages were left out; empty where all were shown.</summary>
    public string Hidden => Count(_hiddenErrors, "error") + Count(_hiddenWarnings, "warning")
        + (_hiddenErrors + _hiddenWarnings > 0 ? "Rerun with -v to see them.\n" : "");

    /// <summary>The messages of a bag, an empty line behind each error, and the count of parse errors.</summary>
    public string Render(DiagnosticBag bag)
    {
        var text = new StringBuilder();
        int parseErrors = 0;
        foreach (var diagnostic in bag.Diagnostics)
        {
            if (IsHidden(diagnostic))
                continue;
            text.Append(Render(diagnostic));
            bool isParse = diagnostic is { Kind: DiagnosticKind.Parse, Span: not null };
            if (isParse || diagnostic.Kind == DiagnosticKind.Semantic)
                text.Append('\n');
            if (isParse)
                parseErrors++;
        }
        if (parseErrors > 0)
            text.Append(CultureInfo.InvariantCulture, $"{parseErrors} parse error{(parseErrors == 1 ? "" : "s")}.\n");
        return text.ToString();
    }

    private bool IsHidden(Diagnostic diagnostic)
    {
        string? similarity = diagnostic.Kind switch
        {
            DiagnosticKind.Semantic => diagnostic.Similarity,
            DiagnosticKind.Warning => diagnostic.Message,
            DiagnosticKind.Parse => null,
        };
        if (_showsAll || similarity is null || _shown.Add(similarity))
            return false;
        if (diagnostic.Kind == DiagnosticKind.Semantic)
            _hiddenErrors++;
        else
            _hiddenWarnings++;
        return true;
    }

    private static string Count(int hidden, string what) =>
        hidden == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"Number of similar {what} messages suppressed: {hidden}.\n");

    /// <summary>What is said when a pass ends with errors.</summary>
    /// <param name="pass">1 to 5.</param>
    public static string PassFailed(int pass)
    {
        string what = pass switch
        {
            1 => "parse",
            2 => "analysis",
            3 => "translation",
            4 => "compilation",
            _ => "run",
        };
        return string.Create(CultureInfo.InvariantCulture, $"Pass {pass}: {what} failed.  [man error::pass{pass}]");
    }

    /// <summary>One message, its lines ended.</summary>
    public string Render(Diagnostic diagnostic)
    {
        var text = new StringBuilder();
        if (diagnostic.Kind != DiagnosticKind.Parse)
            AppendWithSpan(text, diagnostic.Kind, diagnostic.Message, diagnostic.Span, diagnostic.Subject);
        else if (diagnostic.Span is { } location)
            AppendParseError(text, diagnostic, location);
        else
            text.Append(InLine(diagnostic.Message)).Append('\n');

        if (diagnostic.OtherPlace is { } other)
            AppendPlace(text, other, null, SemanticIndent);
        foreach (var (words, span) in diagnostic.Related ?? [])
        {
            if (diagnostic.Kind == DiagnosticKind.Parse && span is { } at)
            {
                text.Append('\t').Append(InLine(words)).Append(" at ").Append(Colored(InLine(at.ToString()), Location)).Append('\n');
                AppendSource(text, at, ParseIndent);
            }
            else
            {
                // SystemTap ends each of a row of messages with an empty line.
                if (diagnostic.Kind == DiagnosticKind.Semantic)
                    text.Append('\n');
                AppendWithSpan(text, diagnostic.Kind, words, span, null);
            }
        }
        if (diagnostic.Hint is { } hint)
            text.Append("       hint: ").Append(InLine(hint)).Append('\n');
        return text.ToString();
    }

    private void AppendParseError(StringBuilder text, Diagnostic diagnostic, SourceSpan span)
    {
        // Some of the parser's messages have several lines; none of them holds what it has read.
        text.Append(Colored("parse error:", Error)).Append(' ').Append(Shown(diagnostic.Message)).Append('\n');
        string subject = InLine(diagnostic.Subject ?? span.DescribeToken());
        text.Append(diagnostic.IsUnexpected ? "        saw: " : "         at: ").Append(subject);
        if (subject.EndsWith(" EOF", StringComparison.Ordinal))
        {
            // Where a file ends there is no line to show.
            text.Append('\n');
            return;
        }
        text.Append(" at ").Append(Colored(Shown(span.ToString()), Location)).Append('\n');
        AppendSource(text, span, ParseIndent);
    }

    private void AppendWithSpan(StringBuilder text, DiagnosticKind kind, string message, SourceSpan? location, string? subject)
    {
        text.Append(kind == DiagnosticKind.Warning ? Colored("WARNING:", Warning) : Colored("semantic error:", Error)).Append(' ')
            .Append(InLine(message));
        if (location is not { } span)
        {
            text.Append('\n');
            return;
        }
        AppendPlace(text.Append(": "), span, subject, kind == DiagnosticKind.Warning ? WarningIndent : SemanticIndent);
    }

    private void AppendPlace(StringBuilder text, SourceSpan span, string? subject, int indent)
    {
        text.Append(InLine(subject ?? span.DescribeToken())).Append(" at ").Append(Colored(InLine(LocationOf(span)), Location))
            .Append('\n');
        AppendSource(text, span, indent);
    }

    /// <summary>File, line and column, the file where it is another than that of the message before.</summary>
    private string LocationOf(SourceSpan span)
    {
        bool isNamed = ReferenceEquals(_named, span.Source);
        _named = span.Source;
        return isNamed ? span.ToString()[span.Source.Name.Length..] : span.ToString();
    }

    /// <summary>
    /// The line and, under its first character of interest, a caret; the tabs before it stay tabs, however wide the terminal makes them.
    /// </summary>
    private void AppendSource(StringBuilder text, SourceSpan span, int indent)
    {
        var (number, column) = span.Source.Position(span.Start);
        var line = span.Source.Line(number);
        int start = Math.Min(column - 1, line.Length);
        int length = Math.Min(span.TokenLength, line.Length - start);

        string before = Shown(line[..start].ToString()), token = Shown(line.Slice(start, length).ToString()),
        rest = Shown(line[(start + length)..].ToString());
        text.Append(' ', indent - "source: ".Length).Append("source: ").Append(before);
        text.Append(token.Length > 0 ? Colored(token, Bold) : token).Append(rest).Append('\n');

        text.Append(' ', indent);
        foreach (char c in before)
        {
            // The second half of a pair has no column of its own.
            if (!char.IsLowSurrogate(c))
                text.Append(c == '\t' ? '\t' : ' ');
        }
        text.Append(Colored("^", Bold)).Append('\n');
    }

    /// <summary>Scripts come from anywhere, and messages quote what files and processes call things.</summary>
    /// <summary>What is said has names in it that a target chose, and which do not make lines of their own.</summary>
    private static string InLine(string text) => PrintableText.OfLine(text);

    private static string Shown(string text) => PrintableText.OfLines(text);

    private string Colored(string text, string color) => _isColored ? $"\e[{color}m\e[K{text}\e[m\e[K" : text;
}
