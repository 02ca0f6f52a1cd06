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

/// <summary>One name of an alias.</summary>
/// <param name="Name">The name's components.</param>
/// <param name="Syntax">What it stands for, and what it adds to a probe that uses it.</param>
/// <param name="File">Where it is declared.</param>
internal sealed record AliasDeclaration(IReadOnlyList<string> Name, AliasSyntax Syntax, ScriptFile File)
{
    public string Text => string.Join('.', Name);
}

/// <summary>A block and the file whose private names it sees.</summary>
internal readonly record struct BodyPart(StatementSyntax Statement, ScriptFile File);

/// <summary>A probe point's condition and the file whose private names it sees.</summary>
internal readonly record struct ConditionPart(ExpressionSyntax Condition, ScriptFile File);
