using Virtap.Bpf.Inspection;
using Virtap.Language.Binding.Targets;
using Virtap.Names;
using Virtap.Tracing.Probes.Grammar;

namespace Virtap.Tracing.Probes.Families;

/// <summary>
/// <c>kernel.trace("group:name")</c>, <c>kernel.trace("name")</c>: the kernel's trace points, wildcards among them; as
/// <c>kernel.tracepoint</c> what they hand over is <c>$arg1</c> and so on. Which there are, and what that is, the kernel's BTF says; the
/// groups are those of the events that tracefs shows.
/// </summary>
internal static class TracepointProbes
{
    private const int MaxAlternatives = 5;

    public static void AddTo(ProbeGrammar grammar)
    {
        grammar.Add("kernel.trace(string)", static point => Resolve(point, isNumbered: false));
        grammar.Add("kernel.tracepoint(string)", static point => Resolve(point, isNumbered: true));
    }

    private static ProbeResolution Resolve(ProbePoint point, bool isNumbered)
    {
        if (KernelTypes.Current is not { } types)
            return Refusals.Never(
                point.ToString(), "this kernel does not show its types (CONFIG_DEBUG_INFO_BTF), which say what trace points hand over");

        string text = point.Components[^1].Text!;
        int colon = text.IndexOf(':', StringComparison.Ordinal);
        var name = new Glob(text[(colon + 1)..]);
        var group = new Glob(colon < 0 ? "*" : text[..colon]);
        ProbeTarget[] targets = [.. types.Tracepoints
            .Where(each => name.IsMatch(each) && (colon < 0 || (GroupOf(each) is { } known && group.IsMatch(known))))
            .Select(each => new TracepointTarget(each, GroupOf(each), types, isNumbered))];
        if (targets.Length > 0)
            return new ProbeResolution(targets);
        return new ProbeResolution([], "no match", name.IsLiteral ? Alternatives(types, text[(colon + 1)..]) : null)
        {
            Span = point.Components[^1].Span,
        };
    }

    private static string? GroupOf(string tracepoint) => TraceEvents.Groups.GetValueOrDefault(tracepoint);

    private static string? Alternatives(KernelTypes types, string name)
    {
        string[] similar = [
            .. NameSuggestion.Similar(name, types.Tracepoints, MaxAlternatives)
                .Select(static each => GroupOf(each) is { } group ? $"{group}:{each}" : each)];
        return similar.Length == 0 ? null : $"trace points of this kernel with similar names: {string.Join(", ", similar)}";
    }
}
