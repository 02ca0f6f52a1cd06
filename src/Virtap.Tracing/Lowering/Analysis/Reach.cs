using Virtap.Language.Binding.Tree;
using Virtap.Language.Library;

namespace Virtap.Tracing.Lowering.Analysis;

/// <summary>What calling any of some functions that can call each other leads to; most often they are one.</summary>
internal sealed class GroupFacts
{
    /// <summary>Whether they can come to call themselves.</summary>
    public required bool IsRecursive { get; init; }

    /// <summary>Whether it is asked which target was hit.</summary>
    public bool AsksForTarget { get; private set; }

    /// <summary>Whether anything goes backward, by a loop or by a recursive call.</summary>
    public required bool HasLoops { get; set; }

    /// <summary>The most statements that one call can take, or <see cref="Reach.Unbounded"/>.</summary>
    public required long MaxActions { get; set; }

    /// <summary>
    /// How many calls can be under way in one call, itself included and each within the one before, or <see cref="Reach.Unbounded"/>.
    /// </summary>
    public long Nesting { get; set; }

    public void Add(BodyFacts body)
    {
        AsksForTarget |= body.AsksForTarget;
        HasLoops |= body.HasLoops;
    }

    public void Add(GroupFacts callee)
    {
        AsksForTarget |= callee.AsksForTarget;
        HasLoops |= callee.HasLoops;
        Nesting = Math.Max(Nesting, callee.Nesting);
    }
}

/// <summary>What a handler does together with everything that it calls.</summary>
internal sealed class Reach
{
    /// <summary>More than any limit: the body loops, or calls itself.</summary>
    public const long Unbounded = long.MaxValue;

    /// <summary>The globals that are touched, and how.</summary>
    public Dictionary<GlobalSymbol, GlobalAccess> Accesses { get; } = [];

    /// <summary>The functions that may be called, directly or not.</summary>
    public HashSet<FunctionSymbol> Functions { get; } = [];

    /// <summary>What is asked of the thread, the time or the session.</summary>
    public HashSet<ContextValue> ContextReads { get; } = [];

    /// <summary>Whether anything goes backward, by a loop or by a recursive call.</summary>
    public bool HasLoops { get; set; }

    /// <summary>The most statements that one run can take, or <see cref="Unbounded"/>.</summary>
    public required long MaxActions { get; init; }

    /// <summary>How many calls can be under way, each within the one before, or <see cref="Unbounded"/>.</summary>
    public long Nesting { get; set; }

    public void Add(BodyFacts facts)
    {
        foreach ((GlobalSymbol global, GlobalAccess access) in facts.Accesses)
            Accesses[global] = Accesses.GetValueOrDefault(global) | access;
        ContextReads.UnionWith(facts.ContextReads);
    }
}
