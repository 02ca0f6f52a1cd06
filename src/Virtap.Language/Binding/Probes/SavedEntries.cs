using Virtap.Language.Binding.Declarations;
using Virtap.Language.Diagnostics;
using Virtap.Language.Syntax;
using Virtap.Language.Binding.Targets;
using Virtap.Language.Syntax.Tree;

namespace Virtap.Language.Binding.Probes;

/// <summary>
/// <c>@entry(x)</c>, and <c>$x</c> where only the beginning knows it: a probe at the beginning computes x and keeps it in an array, by
/// thread and call; the probe at the end, before anything else, takes it out into a local. All of it is made as a script would write it.
/// What is kept of a call that never returns (its thread was killed, or left by longjmp) goes when the array is full: it wraps. A return
/// that found nothing, because its call had begun before the session or because too many others were under way, is counted where the
/// script looks at what it has not got: once, and not where it does not ask.
/// </summary>
internal static class SavedEntries
{
    /// <summary>Calls under way at once of which something is kept.</summary>
    private const int MaxCalls = 8192;

    private const string Operator = "entry";

    /// <summary>The local that says that the return is counted.</summary>
    private const string IsCounted = "__kept_counted";

    /// <summary>A probe that has what it needs of the beginning, and the probe that keeps it; null where it asks for nothing.</summary>
    /// <param name="probe">A probe as it was written.</param>
    /// <param name="declare">Declares a global of a name of its own, wrapping, of so many elements, and gives the name.</param>
    /// <param name="diagnostics">Where it is told that a variable is not what it is at the end.</param>
    public static (ProbeInstance Probe, ProbeInstance Entry)? Of(
        ProbeInstance probe, Func<SourceSpan, int, string> declare, DiagnosticBag diagnostics)
    {
        List<ProbeTarget> beginnings = [.. probe.Targets.Select(static target => target.Entry).OfType<ProbeTarget>()];
        if (beginnings.Count == 0)
            return null;
        var uses = new Dictionary<ExpressionSyntax, ExpressionSyntax>(ReferenceEqualityComparer.Instance);
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
                SourceSpan span = entry.Span;
                if (node is TargetSyntax)
                {
                    diagnostics.Warning(
                        $"confusing usage, value is captured as @entry({ScriptPrinter.Print(entry)}) in .return probe "
                        + "[man stapprobes] RETURN PROBES", span);
                }

                string name = declare(span, MaxCalls);
                NameSyntax local = new(span, name + "_value"), isLost = new(span, name + "_lost");
                ElementSyntax kept = Kept(span, name);
                uses.Add(entry, Use(local, isLost));
                keep.Add(part with { Statement = Assign(kept, value) });
                take.Add(part with { Statement = Assign(isLost, Not(new MembershipSyntax(span, span, kept.Keys, kept.Array))) });
                take.Add(part with { Statement = Assign(local, kept) });
                take.Add(part with { Statement = new DeleteSyntax(span, kept) });
                return false;
            });
        }

        return uses.Count == 0
            ? null
            : (probe with { Parts = [.. take, .. probe.Parts], Entries = uses },
                probe with { Parts = keep, Targets = beginnings, Conditions = [] });
    }

    /// <summary>
    /// What has to be looked at at the beginning: what <c>@entry</c> says, and what only the beginning knows of (a function's own variables
    /// at its return). Null for all else.
    /// </summary>
    private static ExpressionSyntax? ValueAtEntry(SyntaxNode node, ProbeTarget end, ProbeTarget beginning) => node switch
    {
        AtOperatorSyntax { Name: Operator, Arguments: [var value] } => value,
        TargetSyntax when !end.RecallsEntry => null,
        TargetSyntax target when end.Find(target.Name).Source is null && beginning.Find(target.Name).Source is not null => target,
        TargetSyntax { Name: "$vars" or "$parms" or "$locals" } all when beginning.KnowsVariables => all,
        _ => null,
    };

    /// <summary>
    /// <c>name[$__frame ? pid() : tid(), $__frame]</c>. No two stacks of a process overlap, so a frame is one call's, and stays so when
    /// another thread takes up its coroutine; a system call has no frame, and is its thread's.
    /// </summary>
    private static ElementSyntax Kept(SourceSpan span, string name)
    {
        var frame = new TargetSyntax(span, "__frame", []);
        var owner = new ConditionalSyntax(span, span, frame, new CallSyntax(span, "pid", []), new CallSyntax(span, "tid", []));
        return new ElementSyntax(span, new NameSyntax(span, name), [owner, frame]);
    }

    /// <summary><c>isLost &amp;&amp; !counted &amp;&amp; (counted = __entry_lost()) ? local : local</c></summary>
    private static ConditionalSyntax Use(NameSyntax local, NameSyntax isLost)
    {
        SourceSpan span = local.Span;
        var isCounted = new NameSyntax(span, IsCounted);
        var count = new AssignmentSyntax(span, span, SyntaxOperator.Assign, isCounted, new CallSyntax(span, "__entry_lost", []));
        return new ConditionalSyntax(span, span, And(And(isLost, Not(isCounted)), count), local, local);
    }

    private static BinarySyntax And(ExpressionSyntax left, ExpressionSyntax right) =>
        new(left.Span, left.Span, SyntaxOperator.LogicalAnd, left, right);

    private static UnarySyntax Not(ExpressionSyntax operand) => new(operand.Span, operand.Span, SyntaxOperator.LogicalNot, operand);

    private static ExpressionStatementSyntax Assign(ExpressionSyntax target, ExpressionSyntax value) =>
        new(value.Span, new AssignmentSyntax(value.Span, value.Span, SyntaxOperator.Assign, target, value));
}
