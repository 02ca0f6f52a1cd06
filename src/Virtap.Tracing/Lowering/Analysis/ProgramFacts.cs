using Virtap.Language.Binding.Symbols;
using Virtap.Language.Binding.Tree;

namespace Virtap.Tracing.Lowering.Analysis;

/// <summary>Who calls whom, and what is reached that way.</summary>
internal sealed class ProgramFacts
{
    private readonly Dictionary<FunctionSymbol, BodyFacts> _bodies = [];
    private readonly Dictionary<FunctionSymbol, Reach> _reaches = [];
    private readonly HashSet<FunctionSymbol> _recursive = [];
    private readonly Dictionary<FunctionSymbol, int> _numbers = [];
    private readonly Dictionary<FunctionSymbol, int> _lowest = [];
    private readonly Stack<FunctionSymbol> _open = new();

    public ProgramFacts(BoundProgram program)
    {
        foreach (BoundProbe probe in program.Probes)
        {
            BodyFacts facts = BodyFacts.Of(probe.Body);
            Probes[probe] = facts;
            foreach (FunctionSymbol function in facts.Callees)
                Enter(function);
        }
    }

    /// <summary>The functions that are called, callees before callers; those that can call each other together.</summary>
    public List<IReadOnlyList<FunctionSymbol>> Groups { get; } = [];

    /// <summary>What each probe's own body does.</summary>
    public Dictionary<BoundProbe, BodyFacts> Probes { get; } = new(ReferenceEqualityComparer.Instance);

    /// <summary>What a function's own body does.</summary>
    public BodyFacts BodyOf(FunctionSymbol function) => _bodies[function];

    /// <summary>What calling a function can lead to, itself included.</summary>
    public Reach ReachOf(FunctionSymbol function) => _reaches[function];

    /// <summary>What a probe's handler can lead to.</summary>
    public Reach ReachOf(BoundProbe probe)
    {
        var reach = new Reach();
        BodyFacts facts = Probes[probe];
        reach.Add(facts);
        foreach (FunctionSymbol callee in facts.Callees)
            reach.Add(_reaches[callee]);
        reach.MostActions = new ActionBound(f => _reaches[f].MostActions).Of(probe.Body);
        return reach;
    }

    /// <summary>Whether a function can come to call itself.</summary>
    public bool IsRecursive(FunctionSymbol function) => _recursive.Contains(function);

    /// <summary>Tarjan's algorithm: a group is complete when the walk comes back to the first of it that it met.</summary>
    private void Enter(FunctionSymbol function)
    {
        if (_numbers.ContainsKey(function))
            return;
        _numbers[function] = _lowest[function] = _numbers.Count;
        _open.Push(function);
        BodyFacts facts = BodyFacts.Of(function.Body);
        _bodies[function] = facts;
        foreach (FunctionSymbol callee in facts.Callees)
        {
            Enter(callee);
            if (!_reaches.ContainsKey(callee))
                _lowest[function] = Math.Min(_lowest[function], _lowest[callee]);
        }

        if (_lowest[function] == _numbers[function])
            Complete(function);
    }

    private void Complete(FunctionSymbol first)
    {
        var group = new List<FunctionSymbol>();
        do
            group.Add(_open.Pop());
        while (group[^1] != first);
        group.Reverse();
        Groups.Add(group);

        bool isRecursive = group.Count > 1 || _bodies[first].Callees.Contains(first);
        var reach = new Reach { HasLoops = isRecursive };
        foreach (FunctionSymbol function in group)
        {
            reach.Functions.Add(function);
            reach.Add(_bodies[function]);
            foreach (FunctionSymbol callee in _bodies[function].Callees)
            {
                if (!group.Contains(callee))
                    reach.Add(_reaches[callee]);
            }
        }

        if (isRecursive)
        {
            _recursive.UnionWith(group);
            reach.MostActions = Reach.Unbounded;
        }
        else
        {
            reach.MostActions = new ActionBound(f => _reaches[f].MostActions).Of(first.Body);
        }

        foreach (FunctionSymbol function in group)
            _reaches[function] = reach;
    }
}
