using Virtap.Language.Binding.Tree;

namespace Virtap.Language.Binding.Bodies;

/// <summary>
/// Stands where a mistake was reported, so that binding goes on. A program that holds one has an error and is not handed out.
/// </summary>
internal sealed record BoundError(SourceSpan Span) : BoundExpression(Span)
{
    public override ScriptType Type => ScriptType.Unknown;
}
