namespace Virtap.Virtio.Verdicts;

/// <summary>One sentence about a queue, with the fields it rests on.</summary>
/// <param name="Kind">What it is worth.</param>
/// <param name="Text">The sentence.</param>
public sealed record Finding(FindingKind Kind, string Text);
