namespace Virtap.Language.Binding.Targets;

/// <summary>A variable of the traced program that a handler can name.</summary>
/// <param name="Name">Its name, without the <c>$</c>.</param>
/// <param name="Label">What <c>$$vars</c> and <c>$$parms</c> print before the equals sign (SystemTap: <c>$arg1</c> for marks, <c>x</c> for
/// variables).</param>
/// <param name="Lookup">How to read it, or why it cannot be read.</param>
/// <param name="IsParameter">Whether <c>$$parms</c> has it too.</param>
public sealed record TargetVariable(string Name, string Label, TargetLookup Lookup, bool IsParameter = true);
