using Virtap.Language.Binding.Tree;
using Virtap.Language.Syntax.Tree;

namespace Virtap.Tracing.Lowering.Analysis;

/// <summary>
/// What each body of a program does, and what it leads to. Calls nest as deep as functions are declared: nothing here follows them on the
/// stack, and of what can be reached functions keep only a few words, so that a chain of calls takes no more than its length.
/// </summary>
internal sealed class ProgramFacts
{
    private readonly Dictionary<FunctionSymbol, BodyFacts> _bodies = [];
    private readonly Dictionary<FunctionSymbol, GroupFacts> _groups = [];
    private readonly List<IReadOnlyList<FunctionSymbol>> _order = [];

    public ProgramFacts(BoundProgram program)
    {
        foreach (BoundProbe probe in program.Probes)
        {
            BodyFacts facts = BodyFacts.Of(probe.Body);
            Probes[probe] = facts;
            Reached(facts, Visit);
        }

        foreach (IReadOnlyList<FunctionSymbol> group in program.FunctionGroups)
        {
            // The binder has noted calls too that no tree holds any more.
            List<FunctionSymbol> called = [.. group.Where(_bodies.ContainsKey)];
            if (called.Count > 0)
                AddGroup(called);
        }
    }

    /// <summary>The functions that are called, callees before callers; those that can call each other together.</summary>
    public IReadOnlyList<IReadOnlyList<FunctionSymbol>> Groups => _order;

    /// <summary>What each probe's own body does.</summary>
    public Dictionary<BoundProbe, BodyFacts> Probes { get; } = new(ReferenceEqualityComparer.Instance);

    /// <summary>What each body does: those of the probes, and of the functions that they call.</summary>
    public IEnumerable<BodyFacts> Bodies => Probes.Values.Concat(_bodies.Values);

    /// <summary>What a function's own body does.</summary>
    public BodyFacts BodyOf(FunctionSymbol function) => _bodies[function];

    /// <summary>What calling a function can lead to; the same for those that can call each other, and only for them.</summary>
    public GroupFacts GroupOf(FunctionSymbol function) => _groups[function];

    /// <summary>What a probe's handler can lead to.</summary>
    public Reach ReachOf(BoundProbe probe)
    {
        BodyFacts own = Probes[probe];
        var reach = new Reach { HasLoops = own.HasLoops, MaxActions = new ActionBound(MaxActionsOf).Of(probe.Body) };
        reach.Add(own);
        foreach (FunctionSymbol function in Reached(own, BodyOf))
        {
            reach.Functions.Add(function);
            reach.Add(_bodies[function]);
        }

        foreach (FunctionSymbol callee in own.Callees)
        {
            reach.HasLoops |= _groups[callee].HasLoops;
            reach.Nesting = Math.Max(reach.Nesting, _groups[callee].Nesting);
        }

        return reach;
    }

    /// <summary>Those of a handler's functions that touch any of some globals, directly or not.</summary>
    public HashSet<FunctionSymbol> Touching(Reach reach, Func<GlobalSymbol, bool> counts)
    {
        var touching = new HashSet<FunctionSymbol>();
        foreach (IReadOnlyList<FunctionSymbol> group in _order)
        {
            if (!group.Any(reach.Functions.Contains))
                continue;
            if (group.Any(function => _bodies[function].Accesses.Keys.Any(counts) || _bodies[function].Callees.Any(touching.Contains)))
                touching.UnionWith(group);
        }

        return touching;
    }

    /// <summary>What the program takes out of an aggregate, or of those of an array.</summary>
    public IReadOnlySet<StatisticOperator> AskedOf(GlobalSymbol aggregate) =>
        Probes.Values.Concat(_bodies.Values).SelectMany(body => body.Extracts)
            .Where(extract => extract.Global == aggregate).Select(extract => extract.Operator).ToHashSet();

    private BodyFacts Visit(FunctionSymbol function)
    {
        if (!_bodies.TryGetValue(function, out BodyFacts? facts))
            _bodies[function] = facts = BodyFacts.Of(function.Body);
        return facts;
    }

    private long MaxActionsOf(FunctionSymbol function) => function.IsOwn ? 0 : _groups[function].MaxActions;

    /// <summary>The functions that a body calls, directly or not.</summary>
    private static HashSet<FunctionSymbol> Reached(BodyFacts body, Func<FunctionSymbol, BodyFacts> bodyOf)
    {
        HashSet<FunctionSymbol> reached = [.. body.Callees];
        var open = new Stack<FunctionSymbol>(reached);
        while (open.TryPop(out FunctionSymbol? function))
        {
            foreach (FunctionSymbol callee in bodyOf(function).Callees)
            {
                if (reached.Add(callee))
                    open.Push(callee);
            }
        }

        return reached;
    }

    private void AddGroup(List<FunctionSymbol> group)
    {
        bool isRecursive = group.Count > 1 || _bodies[group[0]].Callees.Contains(group[0]);
        var facts = new GroupFacts { IsRecursive = isRecursive, HasLoops = isRecursive, MaxActions = Reach.Unbounded };
        foreach (FunctionSymbol function in group)
            _groups[function] = facts;
        foreach (FunctionSymbol function in group)
        {
            facts.Add(_bodies[function]);
            foreach (FunctionSymbol callee in _bodies[function].Callees)
                facts.Add(_groups[callee]);
        }

        if (isRecursive)
            facts.Nesting = Reach.Unbounded;
        else if (facts.Nesting != Reach.Unbounded)
            facts.Nesting++;
        if (!isRecursive)
            facts.MaxActions = new ActionBound(MaxActionsOf).Of(group[0].Body);
        _order.Add(group);
    }
}
