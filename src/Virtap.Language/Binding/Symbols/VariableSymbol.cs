using Virtap.Language.Diagnostics;

namespace Virtap.Language.Binding.Symbols;

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

    /// <summary>The use that taught its type, null where a declaration did.</summary>
    internal SourceSpan? TypePlace { get; set; }
}
