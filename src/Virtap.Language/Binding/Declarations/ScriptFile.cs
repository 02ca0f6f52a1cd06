using Virtap.Language.Binding.Tree;
using Virtap.Language.Syntax.Tree;

namespace Virtap.Language.Binding.Declarations;

/// <summary>A script file and what it keeps to itself.</summary>
internal sealed class ScriptFile(ScriptSyntax syntax, ScriptOrigin origin)
{
    public ScriptSyntax Syntax { get; } = syntax;

    public ScriptOrigin Origin { get; } = origin;

    public bool IsLibrary => Origin != ScriptOrigin.User;

    public Dictionary<string, GlobalSymbol> PrivateGlobals { get; } = [];

    public Dictionary<string, List<FunctionDeclaration>> PrivateFunctions { get; } = [];

    public List<AliasDeclaration> PrivateAliases { get; } = [];
}
