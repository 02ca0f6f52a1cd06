namespace Virtap.Language.Diagnostics;

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
