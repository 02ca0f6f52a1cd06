using Virtap.Language.Binding;
using Virtap.Tracing.Lowering.Tree;

namespace Virtap.Tracing.Session;

/// <summary>A handler and one of its targets: what is run when that one is hit.</summary>
/// <param name="Handler">The handler.</param>
/// <param name="Site">The target's index among the handler's.</param>
/// <param name="Target">The target.</param>
internal readonly record struct ProbeBinding<T>(LoweredHandler Handler, int Site, T Target)
    where T : ProbeTarget
{
    /// <summary>All targets of a kind, in the program's order.</summary>
    public static List<ProbeBinding<T>> In(LoweredProgram program)
    {
        var found = new List<ProbeBinding<T>>();
        foreach (LoweredHandler handler in program.Handlers)
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
