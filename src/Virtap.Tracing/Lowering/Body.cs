using System.Diagnostics;
using Virtap.Language.Binding.Tree;
using Virtap.Language;
using Virtap.Tracing.Ir;

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
    public Dictionary<VariableSymbol, ContextSlot> Locals { get; } = [];

    /// <summary>Parameters' values at the call, where the next overload will want them and the body assigns them.</summary>
    public Dictionary<VariableSymbol, ContextSlot> Originals { get; } = [];

    /// <summary>The foreach loops around the statement at hand, the innermost last.</summary>
    public List<Iteration> Iterations { get; } = [];

    /// <summary>The slots from here on are written once in each evaluation of the statement that they serve, and only by it.</summary>
    public int FirstTemporary { get; set; }
}

/// <summary>
/// The slots of one body in a context. Temporaries are taken and given back as on a stack. A caller's frame lies behind those of
/// everything that it calls, so that no two bodies under way at the same time share a slot, and bodies that never are do.
/// </summary>
internal sealed class Frame(int first, int stringBytes)
{
    private int _next = first;

    /// <summary>Where the frame ends that every machine must have room for.</summary>
    public int End { get; private set; } = first;

    /// <summary>Where the next slot comes to lie.</summary>
    public int Next => _next;

    public ContextSlot Long() => Take(8);

    public ContextSlot String() => Take(stringBytes);

    /// <summary>Room for so many bytes: whole words.</summary>
    public ContextSlot Bytes(int count) => Take(count);

    public ContextSlot Of(ScriptType type) => type switch
    {
        ScriptType.String => String(),
        ScriptType.Long or ScriptType.Unknown => Long(),
        ScriptType.Statistics => throw new UnreachableException("only globals are statistics"),
    };

    /// <summary>Gives back everything that was taken since <see cref="Next"/> was this.</summary>
    public void Release(int next) => _next = next;

    private ContextSlot Take(int bytes)
    {
        var slot = new ContextSlot(_next);
        _next += bytes;
        End = Math.Max(End, _next);
        return slot;
    }
}

/// <summary>A function as its callers see it.</summary>
/// <param name="Function">The function.</param>
/// <param name="Arguments">
/// Where callers put its arguments: its parameters, but for a recursive function slots of their own, from which it fetches them, because
/// its parameters still hold those of the caller.
/// </param>
/// <param name="Result">Where its result is after the call; null where it has none.</param>
internal sealed record FunctionSlots(LoweredFunction Function, IReadOnlyList<ContextSlot> Arguments, ContextSlot? Result)
{
    /// <summary>Where its frame ends.</summary>
    public int End { get; set; }
}

/// <summary>
/// A foreach under way. In its body an element with the loop's own variables as keys is the entry at hand, which saves looking it up: the
/// body cannot change the array, and does not assign these variables.
/// </summary>
/// <param name="Array">The array that it goes through.</param>
/// <param name="Keys">The variables that hold the entry's keys.</param>
/// <param name="Entry">The entry.</param>
internal sealed record Iteration(GlobalSymbol Array, IReadOnlyList<VariableSymbol> Keys, LongExpression Entry)
{
    /// <summary>Whether an element is that of the entry at hand.</summary>
    public bool Has(BoundElement element)
    {
        if (element.Array != Array)
            return false;
        for (int i = 0; i < Keys.Count; i++)
        {
            if (element.Keys[i] is not BoundVariable variable || variable.Symbol != Keys[i])
                return false;
        }

        return true;
    }
}
