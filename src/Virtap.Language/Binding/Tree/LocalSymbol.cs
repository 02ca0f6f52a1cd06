namespace Virtap.Language.Binding.Tree;

/// <summary>A local variable or a parameter. Locals start as 0 or "" each time the handler or function is entered.</summary>
public sealed class LocalSymbol(string name, SourceSpan span, int? parameterIndex = null) : VariableSymbol(name, span)
{
    /// <summary>Whether it takes an argument of the function.</summary>
    public bool IsParameter => ParameterIndex is not null;

    /// <summary>Which of the function's arguments it takes, from 0; null for a local variable.</summary>
    public int? ParameterIndex { get; } = parameterIndex;
}
