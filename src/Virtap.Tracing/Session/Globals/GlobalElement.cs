namespace Virtap.Tracing.Session.Globals;

/// <summary>One element of an array of numbers.</summary>
/// <param name="Keys">Its indices.</param>
/// <param name="Value">Its value.</param>
public readonly record struct GlobalElement(IReadOnlyList<long> Keys, long Value);
