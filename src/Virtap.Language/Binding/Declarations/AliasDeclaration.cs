using Virtap.Language.Syntax.Tree;

namespace Virtap.Language.Binding.Declarations;

/// <summary>One name of an alias.</summary>
/// <param name="Name">The name's components.</param>
/// <param name="Syntax">What it stands for, and what it adds to a probe that uses it.</param>
/// <param name="File">Where it is declared.</param>
internal sealed record AliasDeclaration(IReadOnlyList<string> Name, AliasSyntax Syntax, ScriptFile File)
{
    public string Text => string.Join('.', Name);
}
