using Virtap.Language.Binding.Targets;

namespace Virtap.Language.Binding.Tree;

/// <summary>A variable of a script. Its type is inferred from all its uses.</summary>
public abstract class VariableSymbol(string name, SourceSpan span)
{
    /// <summary>Its name in the script.</summary>
    public string Name { get; } = name;

    /// <summary>Where it is declared, or first used.</summary>
    public SourceSpan Span { get; } = span;

    /// <summary>Its type; for an array the type of its elements.</summary>
    public ScriptType Type { get; internal set; }

    /// <summary>Whether anything of the script uses its value. A global that is written and never read is printed at the end.</summary>
    public bool IsRead { get; internal set; }

    /// <summary>Whether anything of the script changes it.</summary>
    public bool IsWritten { get; internal set; }

    /// <summary>What a pointer that it holds points to, by the last assignment that said so; null where none has.</summary>
    internal TargetSource? Pointee { get; set; }

    /// <summary>The use that taught its type, null where a declaration did.</summary>
    internal SourceSpan? TypeSpan { get; set; }
}

/// <summary>A local variable or a parameter. Locals start as 0 or "" each time the handler or function is entered.</summary>
public sealed class LocalSymbol(string name, SourceSpan span, int? parameterIndex = null) : VariableSymbol(name, span)
{
    /// <summary>Whether it takes an argument of the function.</summary>
    public bool IsParameter => ParameterIndex is not null;

    /// <summary>Which of the function's arguments it takes, from 0; null for a local variable.</summary>
    public int? ParameterIndex { get; } = parameterIndex;

    /// <summary>Whether it was what a call gave for it that taught its type, rather than a use in the function.</summary>
    internal bool IsTypedByCall { get; set; }
}
