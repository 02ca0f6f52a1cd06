namespace Virtap.Language.Diagnostics;

/// <summary>A message about a script.</summary>
/// <param name="Kind">What it is about.</param>
/// <param name="Message">What is wrong, in SystemTap's words where it has some; no capital, no full stop.</param>
/// <param name="Span">Where; null for what has no place in a script (such as a command-line option).</param>
/// <param name="Hint">What may help: a nearest name, what to write instead; null where there is nothing to say.</param>
/// <param name="Related">Other places that matter, each with its words: "also found here", "in expansion of macro".</param>
public sealed record Diagnostic(
    DiagnosticKind Kind,
    string Message,
    SourceSpan? Span,
    string? Hint = null,
    IReadOnlyList<(string Text, SourceSpan Span)>? Related = null)
{
    /// <summary>
    /// What stands there, in SystemTap's words (<c>operator '}'</c>); null where the text at <see cref="Span"/> says it itself.
    /// </summary>
    public string? Subject { get; init; }

    /// <summary>Whether something else was expected there, as opposed to what stands there being wrong itself.</summary>
    public bool IsUnexpected { get; init; }
}

/// <summary>What a message is about; it decides the message's first word and which pass fails.</summary>
public enum DiagnosticKind
{
    /// <summary>"parse error": the text is not of the language (pass 1).</summary>
    Parse,

    /// <summary>"semantic error": the program means nothing, or nothing that can be done (pass 2 and later).</summary>
    Semantic,

    /// <summary>"WARNING": the program runs, but perhaps not as meant.</summary>
    Warning,
}
