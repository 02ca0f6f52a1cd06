using Virtap.Language.Binding.Declarations;
using Virtap.Language.Binding.Tree;

namespace Virtap.Language.Binding.Bodies;

/// <summary>
/// A body that shares one set of locals: a handler for one group of targets, or a function. It is bound again until all types in it are
/// known; what was learned stays in the symbols.
/// </summary>
internal sealed class BodyUnit(IReadOnlyList<BodyPart> parts, ProbeGroup? group, FunctionInstance? function)
{
    private readonly Dictionary<string, LocalSymbol> _locals = [];
    private readonly List<LocalSymbol> _order = [];

    public IReadOnlyList<BodyPart> Parts { get; } = parts;

    /// <summary>The targets that the body may ask; null in functions that ask nothing.</summary>
    public ProbeGroup? Group { get; } = group;

    /// <summary>The function; null for a handler.</summary>
    public FunctionInstance? Function { get; } = function;

    /// <summary>Locals without parameters, in order of appearance.</summary>
    public IReadOnlyList<LocalSymbol> Locals => _order;

    /// <summary>The last tree that was made.</summary>
    public BoundStatement? Body { get; set; }

    /// <summary>What <see cref="Body"/> asks first, for the probe point; null where it has no condition.</summary>
    public BoundExpression? Condition { get; set; }

    /// <summary>Whether all types were known when <see cref="Body"/> was made, so that it will not change.</summary>
    public bool IsComplete { get; set; }

    /// <summary>Functions that the body calls.</summary>
    public HashSet<FunctionSymbol> Callees { get; } = [];

    /// <summary>Arrays of which the body itself adds, changes or deletes entries.</summary>
    public HashSet<GlobalSymbol> ChangedArrays { get; } = [];

    /// <summary>Calls inside foreach loops over these arrays.</summary>
    public HashSet<(FunctionSymbol Callee, GlobalSymbol Iterated, SourceSpan Span)> CallsWhileIterating { get; } = [];

    public LocalSymbol? FindLocal(string name) => _locals.GetValueOrDefault(name);

    public void AddParameter(LocalSymbol parameter) => _locals.Add(parameter.Name, parameter);

    public LocalSymbol AddLocal(string name, SourceSpan span)
    {
        var local = new LocalSymbol(name, span);
        _locals.Add(name, local);
        _order.Add(local);
        return local;
    }
}
