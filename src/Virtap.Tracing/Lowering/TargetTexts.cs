using Virtap.Language.Binding.Targets;
using Virtap.Language.Binding.Tree;
using Virtap.Language.Library;
using Virtap.Tracing.Ir;
using Virtap.Tracing.Memory;

namespace Virtap.Tracing.Lowering;

/// <summary>pp() and its like for one handler: a literal where its targets agree, else a table by target.</summary>
internal sealed class TargetTexts(IReadOnlyList<ProbeTarget> targets, MemoryLayoutBuilder memory)
{
    private readonly Dictionary<TargetText, StringExpression> _texts = [];

    /// <summary>The text of the target that was hit.</summary>
    public StringExpression Of(TargetText text)
    {
        if (!_texts.TryGetValue(text, out StringExpression? expression))
        {
            string[] all = [.. targets.Select(target => Read(target, text))];
            bool agree = all.All(each => each == all[0]);
            expression = agree ? new StringLiteral(all[0], memory.Literal(all[0])) : new SiteString(memory.AddTable(all));
            _texts[text] = expression;
        }

        return expression;
    }

    private static string Read(ProbeTarget target, TargetText text) => text switch
    {
        TargetText.Point => target.Point,
        TargetText.Function => target.Function,
        TargetText.ProbeType => target.ProbeType,
        TargetText.MarkName => target.MarkName,
        TargetText.Provider => target.Provider,
        TargetText.CallName => target.CallName,
    } ?? "";
}
