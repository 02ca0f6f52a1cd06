namespace Virtap.Language.Diagnostics;

/// <summary>Gathers messages; nothing in Language throws for a mistake in a script.</summary>
public sealed class DiagnosticBag
{
    /// <summary>A script full of mistakes shows the first of them; more help nobody.</summary>
    private const int MaxErrors = 100;

    private readonly List<Diagnostic> _diagnostics = [];
    private readonly HashSet<(string, SourceSpan?, string?)> _seen = [];

    /// <summary>Errors so far.</summary>
    public int ErrorCount { get; private set; }

    /// <summary>Whether there is an error among them.</summary>
    public bool HasErrors => ErrorCount > 0;

    /// <summary>All messages in the order in which they came.</summary>
    public IReadOnlyList<Diagnostic> Diagnostics => _diagnostics;

    /// <summary>
    /// Adds a message, unless the same one is there for the same place (a body that is bound for many probe points says each thing once).
    /// </summary>
    public void Add(Diagnostic diagnostic)
    {
        bool isError = diagnostic.Kind != DiagnosticKind.Warning;
        if ((isError && ErrorCount >= MaxErrors) || !_seen.Add((diagnostic.Message, diagnostic.Span, diagnostic.Related?[0].Text)))
            return;
        if (isError)
            ErrorCount++;
        _diagnostics.Add(diagnostic);
    }

    public void Parse(string message, SourceSpan span, string? hint = null) =>
        Add(new Diagnostic(DiagnosticKind.Parse, message, span, hint));

    public void Semantic(string message, SourceSpan? span, string? hint = null) =>
        Add(new Diagnostic(DiagnosticKind.Semantic, message, span, hint));

    public void Warning(string message, SourceSpan? span, string? hint = null) =>
        Add(new Diagnostic(DiagnosticKind.Warning, message, span, hint));
}
