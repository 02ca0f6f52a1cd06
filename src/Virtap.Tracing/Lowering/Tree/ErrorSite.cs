namespace Virtap.Tracing.Lowering.Tree;

/// <summary>
/// A place in the script that can raise an error: "near operator '/' at t.stp:1:31". <paramref name="Operand"/> names what was read for a read fault.
/// </summary>
public sealed record ErrorSite(string Near, string Location, string? Operand);
