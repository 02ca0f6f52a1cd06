using Virtap.Language.Binding.Declarations;

namespace Virtap.Language.Binding.Probes;

/// <summary>Why a probe point stands for nothing. It becomes a message only if the probe point was not optional.</summary>
internal sealed record ProbeFailure(
    string Message, SourceSpan Span, string? Hint = null, bool IsRefusal = false, (string Text, SourceSpan Span)? Related = null)
{
    /// <summary>A probe point that may be a mistyped alias, and the file whose aliases were meant.</summary>
    public (string Text, ScriptFile File)? Unresolved { get; init; }
}
