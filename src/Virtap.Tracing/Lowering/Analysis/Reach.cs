using Virtap.Language.Binding.Symbols;

namespace Virtap.Tracing.Lowering.Analysis;

/// <summary>What a body does together with everything that it calls.</summary>
internal sealed class Reach
{
    /// <summary>More statements than any limit: the body loops.</summary>
    public const long Unbounded = long.MaxValue;

    /// <summary>The globals that are touched, and how.</summary>
    public Dictionary<GlobalSymbol, GlobalAccess> Accesses { get; } = [];

    /// <summary>The functions that may be called, directly or not.</summary>
    public HashSet<FunctionSymbol> Functions { get; } = [];

    /// <summary>Whether it is asked which target was hit.</summary>
    public bool AsksForTarget { get; private set; }

    /// <summary>Whether anything goes backward, by a loop or by a recursive call.</summary>
    public bool HasLoops { get; set; }

    /// <summary>The most statements that one run can take, or <see cref="Unbounded"/>.</summary>
    public long MostActions { get; set; }

    public void Add(BodyFacts facts)
    {
        foreach ((GlobalSymbol global, GlobalAccess access) in facts.Accesses)
            Accesses[global] = Accesses.GetValueOrDefault(global) | access;
        AsksForTarget |= facts.AsksForTarget;
        HasLoops |= facts.HasLoops;
    }

    public void Add(Reach other)
    {
        foreach ((GlobalSymbol global, GlobalAccess access) in other.Accesses)
            Accesses[global] = Accesses.GetValueOrDefault(global) | access;
        Functions.UnionWith(other.Functions);
        AsksForTarget |= other.AsksForTarget;
        HasLoops |= other.HasLoops;
    }
}
