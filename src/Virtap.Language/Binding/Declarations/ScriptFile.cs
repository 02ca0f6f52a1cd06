using Virtap.Language.Binding.Tree;
using Virtap.Language.Library;
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

/// <summary>Where a script comes from.</summary>
internal enum ScriptOrigin
{
    /// <summary>The user runs it.</summary>
    User,

    /// <summary>A library of the user's (-I).</summary>
    Library,

    /// <summary>Our own tapset, whose locals never are globals of a script by accident.</summary>
    Tapset,
}
