using Virtap.Binaries.Types;
using Virtap.Debugging.Syntax;
using Virtap.Debugging.Values;

namespace Virtap.Debugging.Evaluation;

/// <summary>What is known of a program without debug information.</summary>
public interface IRecoveredNames
{
    /// <summary>A type whose members were recovered; null for none of this name.</summary>
    /// <exception cref="ExpressionException">It is one that would be, and is not in this program.</exception>
    CType? FindType(string name);

    /// <summary>What a function of Virtap's own finds: <c>vdev(disk0)</c>; null where there is no such function.</summary>
    /// <exception cref="ExpressionException">It finds nothing.</exception>
    Value? Call(string function, string arguments);
}
