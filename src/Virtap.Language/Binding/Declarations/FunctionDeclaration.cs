using Virtap.Language.Syntax.Tree;

namespace Virtap.Language.Binding.Declarations;

/// <summary>A function as a file declares it.</summary>
internal sealed class FunctionDeclaration(FunctionSyntax syntax, ScriptFile file)
{
    public FunctionSyntax Syntax { get; } = syntax;

    public ScriptFile File { get; } = file;

    public int Arity => Syntax.Parameters.Count;

    /// <summary>Overloads are tried from the lowest number on; a script's own come before the library's.</summary>
    public long Priority => Syntax.Priority ?? (File.IsLibrary ? 1 : 0);

    /// <summary>
    /// Whether it, or a function that it calls, asks something of the probe that runs it; null before that was found out.
    /// </summary>
    public bool? AsksTarget { get; set; }
}
