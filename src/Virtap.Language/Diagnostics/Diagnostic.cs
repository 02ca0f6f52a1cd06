namespace Virtap.Language.Diagnostics;

/// <summary>A message about a script.</summary>
/// <param name="Kind">What it is about.</param>
/// <param name="Message">What is wrong, in SystemTap's words where it has some; no capital, no full stop.</param>
/// <param name="Span">Where; null for what has no place in a script (such as a command-line option).</param>
/// <param name="Hint">What may help: a nearest name, what to write instead; null where there is nothing to say.</param>
/// <param name="Related">What belongs to it, each with its place where it has one: "also found here", why a probe point is none.</param>
public sealed record Diagnostic(
    DiagnosticKind Kind,
    string Message,
    SourceSpan? Span,
    string? Hint = null,
    IReadOnlyList<(string Text, SourceSpan? Span)>? Related = null)
{
    /// <summary>
    /// What stands there, in SystemTap's words (<c>operator '}'</c>); null where the text at <see cref="Span"/> says it itself.
    /// </summary>
    public string? Subject { get; init; }

    /// <summary>A second place that it is about, which SystemTap shows under the first without words; null where there is none.</summary>
    public SourceSpan? OtherPlace { get; init; }

    /// <summary>Whether something else was expected there, as opposed to what stands there being wrong itself.</summary>
    public bool IsUnexpected { get; init; }

    /// <summary>
    /// What it has in common with messages of its kind about other places, of which SystemTap shows one: how it and what belongs to it
    /// begin, without numbers.
    /// </summary>
    public string Similarity => string.Join('|', (Related ?? []).Select(static each => each.Text).Prepend(Message).Select(Beginning));

    private static string Beginning(string message) =>
        string.Join(' ', message.Split(' ').Where(static word => !word.All(char.IsAsciiDigit)).Take(2));
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
