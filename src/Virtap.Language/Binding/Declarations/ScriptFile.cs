using Virtap.Language.Binding.Symbols;
using Virtap.Language.Syntax.Tree;

namespace Virtap.Language.Binding.Declarations;

/// <summary>A script file and what it keeps to itself.</summary>
internal sealed class ScriptFile(ScriptSyntax syntax, bool isLibrary)
{
    public ScriptSyntax Syntax { get; } = syntax;

    public bool IsLibrary { get; } = isLibrary;

    public Dictionary<string, GlobalSymbol> PrivateGlobals { get; } = [];

    public Dictionary<string, List<FunctionDeclaration>> PrivateFunctions { get; } = [];

    public List<AliasDeclaration> PrivateAliases { get; } = [];
}
