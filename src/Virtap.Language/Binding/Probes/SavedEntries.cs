using Virtap.Language.Binding.Declarations;
using Virtap.Language.Binding.Targets;
using Virtap.Language.Syntax.Tree;

namespace Virtap.Language.Binding.Probes;

/// <summary>
/// <c>@entry(x)</c>, and <c>$x</c> where only the beginning knows it: a probe at the beginning computes x and keeps it in an array, by
/// thread and call; the probe at the end, before anything else, takes it out into a local. All of it is made as a script would write it.
/// What is kept of a call that never returns (its thread was killed, or left by longjmp) goes when the array is full: it wraps. A return
/// that finds nothing, because its call had begun before the session or because too many others were under way, is counted.
/// </summary>
internal static class SavedEntries
{
    /// <summary>Calls under way at once of which something is kept.</summary>
    private const int MaxCalls = 8192;

    private const string Operator = "entry";

    /// <summary>A probe that has what it needs of the beginning, and the probe that keeps it; null where it asks for nothing.</summary>
    /// <param name="probe">A probe as it was written.</param>
    /// <param name="declare">Declares a global of a name of its own, wrapping, of so many elements, and gives the name.</param>
    public static (ProbeInstance Probe, ProbeInstance Entry)? Of(ProbeInstance probe, Func<SourceSpan, int, string> declare)
    {
        List<ProbeTarget> beginnings = [.. probe.Targets.Select(static target => target.Entry).OfType<ProbeTarget>()];
        if (beginnings.Count == 0)
            return null;
        var names = new Dictionary<ExpressionSyntax, string>(ReferenceEqualityComparer.Instance);
        var within = new HashSet<SyntaxNode>(ReferenceEqualityComparer.Instance);
        List<BodyPart> keep = [], take = [];
        foreach (BodyPart part in probe.Parts)
        {
            SyntaxWalk.Any(part.Statement, node =>
            {
                if (within.Contains(node) || ValueAtEntry(node, probe.Targets[0], beginnings[0]) is not { } value)
                    return false;
                SyntaxWalk.Any(value, inner => !within.Add(inner));
                var entry = (ExpressionSyntax)node;
                string name = declare(entry.Span, MaxCalls), local = name + "_value";
                names.Add(entry, local);
                keep.Add(part with { Statement = Assign(Kept(entry.Span, name), value) });
                ElementSyntax kept = Kept(entry.Span, name);
                take.Add(part with { Statement = CountLost(kept) });
                take.Add(part with { Statement = Assign(new NameSyntax(entry.Span, local), kept) });
                take.Add(part with { Statement = new DeleteSyntax(entry.Span, kept) });
                return false;
            });
        }

        return names.Count == 0
            ? null
            : (probe with { Parts = [.. take, .. probe.Parts], Entries = names },
                probe with { Parts = keep, Targets = beginnings, Conditions = [] });
    }

    /// <summary>
    /// What has to be looked at at the beginning: what <c>@entry</c> says, and what only the beginning knows of (a function's own variables
    /// at its return). Null for all else.
    /// </summary>
    private static ExpressionSyntax? ValueAtEntry(SyntaxNode node, ProbeTarget end, ProbeTarget beginning) => node switch
    {
        AtOperatorSyntax { Name: Operator, Arguments: [var value] } => value,
        TargetSyntax target when end.Find(target.Name).Source is null && beginning.Find(target.Name).Source is not null => target,
        _ => null,
    };

    /// <summary><c>name[tid(), $__frame]</c></summary>
    private static ElementSyntax Kept(SourceSpan span, string name) =>
        new(span, new NameSyntax(span, name), [new CallSyntax(span, "tid", []), new TargetSyntax(span, "__frame", [])]);

    /// <summary><c>if (!([tid(), $__frame] in name)) __entry_lost()</c></summary>
    private static IfSyntax CountLost(ElementSyntax kept)
    {
        SourceSpan span = kept.Span;
        var isKept = new MembershipSyntax(span, span, kept.Keys, kept.Array);
        var count = new ExpressionStatementSyntax(span, new CallSyntax(span, "__entry_lost", []));
        return new IfSyntax(span, new UnarySyntax(span, span, SyntaxOperator.LogicalNot, isKept), count, null);
    }

    private static ExpressionStatementSyntax Assign(ExpressionSyntax target, ExpressionSyntax value) =>
        new(value.Span, new AssignmentSyntax(value.Span, value.Span, SyntaxOperator.Assign, target, value));
}
