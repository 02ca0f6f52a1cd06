using Virtap.Binaries.Types;

namespace Virtap.Debugging.Syntax;

/// <summary>What a reader of expressions has to know of a program: which names are types, as C's grammar depends on it.</summary>
public interface IExpressionNames
{
    /// <summary>The type of a name: <c>struct x</c>, <c>enum x</c>, <c>x</c>; null where there is none.</summary>
    CType? FindType(string name);

    /// <summary>Whether a name is a variable's or a function's: such a one hides a type.</summary>
    bool IsObject(string name);
}
