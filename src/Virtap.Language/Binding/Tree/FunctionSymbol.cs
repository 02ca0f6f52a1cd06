using Virtap.Language.Binding.Targets;

namespace Virtap.Language.Binding.Tree;

/// <summary>
/// A function that the program calls. One whose body names target variables exists once for each kind of probe that calls it.
/// </summary>
public sealed class FunctionSymbol(string name, SourceSpan span)
{
    private BoundStatement? _body;

    /// <summary>Its name in the script.</summary>
    public string Name { get; } = name;

    /// <summary>Where it is declared.</summary>
    public SourceSpan Span { get; } = span;

    /// <summary>Whether it comes from the tapset.</summary>
    public bool IsLibrary { get; internal set; }

    /// <summary>
    /// Whether it is of our own tapset: what it takes is no matter of the script's limits, as SystemTap does not count what its own
    /// functions, most of them C, do.
    /// </summary>
    public bool IsOwn { get; internal set; }

    /// <summary>Its parameters, in order.</summary>
    public IReadOnlyList<LocalSymbol> Parameters { get; internal set; } = [];

    /// <summary>Its locals, without the parameters.</summary>
    public IReadOnlyList<LocalSymbol> Locals { get; internal set; } = [];

    /// <summary>What it returns; <see cref="ScriptType.Unknown"/> for nothing.</summary>
    public ScriptType ReturnType { get; internal set; }

    /// <summary>What it does; set once all functions are known, since they may call each other.</summary>
    public BoundStatement Body
    {
        get => _body ?? throw new InvalidOperationException($"the body of {Name} has not been bound yet");
        internal set => _body = value;
    }

    /// <summary>The overload that <c>next</c> in this one goes on to, with the same arguments; null for an error.</summary>
    public FunctionSymbol? NextOverload { get; internal set; }

    /// <summary>Whether it can come to call itself.</summary>
    public bool IsRecursive { get; internal set; }

    /// <summary>Whether it has something behind a <c>return</c>, of whatever type.</summary>
    internal bool ReturnsValue { get; set; }

    /// <summary>What a pointer that it returns points to; null where nothing says so.</summary>
    internal TargetSource? Pointee { get; set; }

    /// <summary>The use that taught what it returns, null where its declaration did.</summary>
    internal SourceSpan? ReturnSpan { get; set; }
}
