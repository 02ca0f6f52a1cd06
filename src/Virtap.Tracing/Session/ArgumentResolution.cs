namespace Virtap.Tracing.Session;

/// <summary>What a script argument stands for: exactly one of value and problem is set.</summary>
/// <param name="Value">What the script sees in its place, such as <c>0x55d2a8f1c2d0</c>.</param>
/// <param name="Problem">Why it stands for nothing.</param>
/// <param name="Hint">What may help: the names that there are.</param>
public sealed record ArgumentResolution(string? Value, string? Problem = null, string? Hint = null);
