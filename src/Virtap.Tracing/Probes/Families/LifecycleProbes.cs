using Virtap.Language.Binding.Targets;
using Virtap.Tracing.Probes.Grammar;

namespace Virtap.Tracing.Probes.Families;

/// <summary>begin, end, error, each with an optional number that orders them; never.</summary>
internal static class LifecycleProbes
{
    public static void AddTo(ProbeGrammar grammar)
    {
        Add(grammar, "begin", LifecycleEvent.Begin);
        Add(grammar, "end", LifecycleEvent.End);
        Add(grammar, "error", LifecycleEvent.Error);
        grammar.Add("never", point => Resolve(point, LifecycleEvent.Never));
    }

    private static void Add(ProbeGrammar grammar, string name, LifecycleEvent @event)
    {
        grammar.Add(name, point => Resolve(point, @event));
        grammar.Add(name + "(number)", point => Resolve(point, @event));
    }

    private static ProbeResolution Resolve(ProbePoint point, LifecycleEvent @event) =>
        new([new LifecycleTarget(point.ToString(), @event, point.Components[0].Number ?? 0)]);
}
