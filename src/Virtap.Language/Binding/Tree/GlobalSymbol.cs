namespace Virtap.Language.Binding.Tree;

/// <summary>A global: a number, a string, an aggregate, or an array of them.</summary>
public sealed class GlobalSymbol(string name, SourceSpan span) : VariableSymbol(name, span)
{
    private ScriptType[]? _keyTypes;
    private SourceSpan?[] _keySpans = [];

    /// <summary>The types of an array's indices, inferred; null for a scalar.</summary>
    public IReadOnlyList<ScriptType>? KeyTypes => _keyTypes;

    /// <summary>Whether it is an array.</summary>
    public bool IsArray => _keyTypes is not null;

    /// <summary>The declared size, <c>a[10]</c>; null for MAXMAPENTRIES.</summary>
    public long? Size { get; internal set; }

    /// <summary><c>a%</c>: a full array drops its oldest entry.</summary>
    public bool Wraps { get; internal set; }

    /// <summary>A scalar's value before begin, a long or a string (perhaps set by -G); null for 0 or "".</summary>
    public object? InitialValue { get; internal set; }

    /// <summary>The buckets that an aggregate keeps count of; null where the script takes no histogram of it.</summary>
    public HistogramShape? Histogram { get; internal set; }

    /// <summary>
    /// The bits by which an aggregate's values are shifted for <c>@variance(x, shift)</c>; null where the script takes no variance of it.
    /// </summary>
    public long? VarianceShift { get; internal set; }

    /// <summary>Whether it comes from the tapset.</summary>
    public bool IsLibrary { get; internal set; }

    /// <summary>Number of indices, 0 for a scalar; null before the first use has shown it.</summary>
    internal int? Arity { get; private set; }

    /// <summary>The use that showed the arity.</summary>
    internal SourceSpan AritySpan { get; private set; }

    internal void SetArity(int arity, SourceSpan span)
    {
        Arity = arity;
        AritySpan = span;
        if (arity > 0)
        {
            _keyTypes = new ScriptType[arity];
            _keySpans = new SourceSpan?[arity];
        }
    }

    internal void SetKeyType(int key, ScriptType type, SourceSpan span)
    {
        _keyTypes![key] = type;
        _keySpans[key] = span;
    }

    /// <summary>The use that taught the type of an index.</summary>
    internal SourceSpan? KeySpan(int key) => _keySpans[key];
}
