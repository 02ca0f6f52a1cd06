using Virtap.Language.Binding.Symbols;
using Virtap.Language.Binding.Tree;
using Virtap.Tracing.Lowering.Tree;

namespace Virtap.Tracing.Lowering;

/// <summary>
/// A foreach under way. In its body an element with the loop's own variables as keys is the entry at hand, which saves looking it up: the body cannot change the array, and does
/// not assign these variables.
/// </summary>
/// <param name="Array">The array that it goes through.</param>
/// <param name="Keys">The variables that hold the entry's keys.</param>
/// <param name="Entry">The entry.</param>
internal sealed record Iteration(GlobalSymbol Array, IReadOnlyList<VariableSymbol> Keys, LongExpression Entry)
{
    /// <summary>Whether an element is that of the entry at hand.</summary>
    public bool Has(BoundElement element)
    {
        if (element.Array != Array)
            return false;
        for (int i = 0; i < Keys.Count; i++)
        {
            if (element.Keys[i] is not BoundVariable variable || variable.Symbol != Keys[i])
                return false;
        }

        return true;
    }
}
