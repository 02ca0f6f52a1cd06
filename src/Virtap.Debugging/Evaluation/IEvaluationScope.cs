using Virtap.Debugging.Printing;
using Virtap.Debugging.Syntax;
using Virtap.Debugging.Values;

namespace Virtap.Debugging.Evaluation;

/// <summary>What names stand for where an expression is evaluated.</summary>
public interface IEvaluationScope : IExpressionNames, IValueNames
{
    /// <summary>Whether the language is C++, where comparisons are bool.</summary>
    bool IsCPlusPlus { get; }

    /// <summary>A variable, a function, a constant; null where there is none.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="context">The file or the function that it is in; null for wherever.</param>
    Value? FindName(string name, string? context);

    /// <summary>Whether there is a file or a function of this name, which names may be sought in.</summary>
    bool IsContext(string name);

    /// <summary>A register of the thread; null where there is none of this name.</summary>
    Value? FindRegister(string name);

    /// <summary>What a function of Virtap's own finds: <c>vdev(disk0)</c>; null where there is no such function.</summary>
    /// <param name="function">Its name.</param>
    /// <param name="arguments">What stands between the parentheses.</param>
    /// <exception cref="ExpressionException">It finds nothing; the place is the whole call.</exception>
    Value? Call(string function, string arguments);
}
