using Virtap.Language.Binding.Tree;
using Virtap.Tracing.Probes;

namespace Virtap.Tracing.Lowering.Analysis;

/// <summary>
/// Which globals handlers that run at the same time share. One that nobody changes then needs no care; one that they only add to takes
/// atomic additions, which nobody can tell from additions under the lock, because nobody looks; all others need the lock.
/// </summary>
internal sealed class Sharing
{
    private readonly HashSet<GlobalSymbol> _locked = [];
    private readonly HashSet<GlobalSymbol> _atomic = [];

    /// <summary>Works it out from what each handler can do and where it runs.</summary>
    public Sharing(IEnumerable<(HandlerKind Kind, Reach Reach)> handlers)
    {
        var together = new Dictionary<GlobalSymbol, GlobalAccess>();
        var inTargets = new HashSet<GlobalSymbol>();
        foreach ((HandlerKind kind, Reach reach) in handlers)
        {
            if (kind == HandlerKind.Alone)
                continue;
            foreach ((GlobalSymbol global, GlobalAccess access) in reach.Accesses)
            {
                together[global] = together.GetValueOrDefault(global) | access;
                if (kind == HandlerKind.InTarget)
                    inTargets.Add(global);
            }
        }

        foreach ((GlobalSymbol global, GlobalAccess access) in together)
        {
            // Handlers of this process run one at a time.
            if (!inTargets.Contains(global) || access == GlobalAccess.Read)
                continue;
            if (access == GlobalAccess.Add)
                _atomic.Add(global);
            else
                _locked.Add(global);
        }
    }

    /// <summary>Whether additions to it are atomic, everywhere.</summary>
    public bool IsAtomic(GlobalSymbol global) => _atomic.Contains(global);

    /// <summary>Whether it is touched only under the lock, except by handlers that run alone.</summary>
    public bool IsLocked(GlobalSymbol global) => _locked.Contains(global);
}
