using Virtap.Language.Binding.Declarations;
using Virtap.Language.Binding.Tree;

namespace Virtap.Language.Binding.Bodies;

/// <summary>
/// A function in use: once for the whole program, or, where it asks something of the probe that runs it, once for each handler.
/// </summary>
internal sealed class FunctionInstance(FunctionDeclaration declaration, IReadOnlyList<FunctionDeclaration> overloads, FunctionSymbol symbol)
{
    public FunctionDeclaration Declaration { get; } = declaration;

    /// <summary>All functions of its name and arity, in the order in which they are tried.</summary>
    public IReadOnlyList<FunctionDeclaration> Overloads { get; } = overloads;

    public FunctionSymbol Symbol { get; } = symbol;
}
