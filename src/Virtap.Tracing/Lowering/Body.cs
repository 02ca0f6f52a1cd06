using Virtap.Language.Binding.Symbols;
using Virtap.Tracing.Lowering.Tree;

namespace Virtap.Tracing.Lowering;

/// <summary>What is being lowered: a handler's body or a function's.</summary>
internal sealed class Body(Frame frame, FunctionSlots? function, bool countsActions)
{
    /// <summary>Its slots.</summary>
    public Frame Frame { get; } = frame;

    /// <summary>The function; null in a handler.</summary>
    public FunctionSlots? Function { get; } = function;

    /// <summary>Whether it could exceed MAXACTION.</summary>
    public bool CountsActions { get; } = countsActions;

    /// <summary>Statements run that no <see cref="CountActions"/> has counted yet.</summary>
    public int UncountedActions { get; set; }

    /// <summary>Where its locals and parameters are.</summary>
    public Dictionary<VariableSymbol, SlotPlace> Locals { get; } = [];

    /// <summary>Parameters' values at the call, where the next overload will want them and the body assigns them.</summary>
    public Dictionary<VariableSymbol, SlotPlace> Originals { get; } = [];

    /// <summary>The foreach loops around the statement at hand, the innermost last.</summary>
    public List<Iteration> Iterations { get; } = [];

    /// <summary>The slots from here on are written once in each evaluation of the statement that they serve, and only by it.</summary>
    public int FirstTemporary { get; set; }
}
