using Virtap.Language.Diagnostics;

namespace Virtap.Language.Binding.Symbols;

/// <summary>A local variable or a parameter. Locals start as 0 or "" each time the handler or function is entered.</summary>
public sealed class LocalSymbol(string name, SourceSpan span, bool isParameter = false) : VariableSymbol(name, span)
{
    /// <summary>Whether it takes an argument of the function.</summary>
    public bool IsParameter { get; } = isParameter;
}
