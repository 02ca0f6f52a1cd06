using Virtap.Language.Binding.Targets;

namespace Virtap.Tracing.Ir;

/// <summary>A handler and one of its targets: what is run when that one is hit.</summary>
/// <param name="Handler">The handler.</param>
/// <param name="Site">The target's index among the handler's.</param>
/// <param name="Target">The target.</param>
internal readonly record struct ProbeBinding<T>(LoweredHandler Handler, int Site, T Target)
    where T : ProbeTarget
{
    /// <summary>All targets of a kind, in the handlers' order.</summary>
    public static List<ProbeBinding<T>> In(IEnumerable<LoweredHandler> handlers)
    {
        var found = new List<ProbeBinding<T>>();
        foreach (LoweredHandler handler in handlers)
        {
            for (int site = 0; site < handler.Targets.Count; site++)
            {
                if (handler.Targets[site] is T target)
                    found.Add(new ProbeBinding<T>(handler, site, target));
            }
        }

        return found;
    }
}
