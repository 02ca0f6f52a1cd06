using Virtap.Language.Diagnostics;

namespace Virtap.Language.Binding.Symbols;

/// <summary>A global: a number, a string, an aggregate, or an array of them.</summary>
public sealed class GlobalSymbol(string name, SourceSpan span) : VariableSymbol(name, span)
{
    /// <summary>The types of an array's indices, inferred; null for a scalar.</summary>
    public IReadOnlyList<ScriptType>? KeyTypes { get; internal set; }

    /// <summary>Whether it is an array.</summary>
    public bool IsArray => KeyTypes is not null;

    /// <summary>The declared size, <c>a[10]</c>; null for MAXMAPENTRIES.</summary>
    public long? Size { get; internal set; }

    /// <summary><c>a%</c>: a full array drops its oldest entry.</summary>
    public bool Wraps { get; internal set; }

    /// <summary>A scalar's value before begin, a long or a string (perhaps set by -G); null for 0 or "".</summary>
    public object? InitialValue { get; internal set; }

    /// <summary>The buckets that an aggregate keeps count of; null where the script takes no histogram of it.</summary>
    public HistogramShape? Histogram { get; internal set; }

    /// <summary>The bits by which an aggregate's values are shifted for <c>@variance(x, shift)</c>; null where the script takes no variance of it.</summary>
    public long? VarianceShift { get; internal set; }

    /// <summary>Whether anything of the script reads it. One that is written and never read is printed at the end.</summary>
    public bool IsRead { get; internal set; }

    /// <inheritdoc cref="IsRead"/>
    public bool IsWritten { get; internal set; }
}
